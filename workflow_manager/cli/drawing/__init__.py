"""State machines as drawings: what is drawn, where it stands, and how it is painted."""
