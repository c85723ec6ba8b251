"""The loop: load, step, commit, perform."""
