"""Schedules: which times they have, what is decided at each, and the loop that submits."""
