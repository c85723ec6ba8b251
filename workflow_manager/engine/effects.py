"""What is owed to a frame: read off what it waits for, and performed after the commit."""
