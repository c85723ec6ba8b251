"""Parallel and Map: child frames and their joining."""
