"""Workflows inside an application: its definitions and the functions that do their work."""
