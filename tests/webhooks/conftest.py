"""Webhooks on every quick store."""

from tests.executor.conftest import clock, store

__all__ = ["clock", "store"]
