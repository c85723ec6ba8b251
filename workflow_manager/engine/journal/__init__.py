"""What survives a crash: one port, in memory and on SQLite."""
