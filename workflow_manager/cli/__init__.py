"""The wfm command."""
