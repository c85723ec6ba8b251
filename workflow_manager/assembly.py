"""The one place that chooses and connects."""
