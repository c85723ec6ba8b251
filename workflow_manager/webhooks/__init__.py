"""Webhooks: telling others, over HTTP and signed, how workflows ended."""
