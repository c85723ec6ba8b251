"""The environment, read once, frozen."""
