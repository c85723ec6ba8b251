"""The durable engine: pure steps over frames, and a runtime that commits, then performs."""
