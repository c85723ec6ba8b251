"""Other services, called on behalf of workflows."""
