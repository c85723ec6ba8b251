"""Whether a failure is retried, and when; or which catcher takes it."""
