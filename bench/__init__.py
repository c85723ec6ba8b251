"""Measures what the design asks for, against limits and peers measured in the same run."""
