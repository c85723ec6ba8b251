"""What every room may use: JSON, time, identifiers and the error tree."""
