"""Where definitions, workflows and state resources are kept: one port, several backends."""
