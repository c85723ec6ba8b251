"""The one place that chooses and connects: settings in, a running server out."""
