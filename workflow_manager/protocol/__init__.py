"""The AWS JSON 1.0 protocol in front of the engine, over a socket or in this process."""
