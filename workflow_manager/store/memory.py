"""The store on memory."""
