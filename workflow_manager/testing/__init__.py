"""For those who test their own definitions: rehearsals without workers, and an engine for pytest."""
