"""REST as swagger.yml describes it, in front of the executor."""
