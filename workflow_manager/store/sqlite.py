"""The store on sqlite."""
