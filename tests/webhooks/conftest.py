"""Webhooks on every quick store."""

from tests.schedules.conftest import clock, store

__all__ = ["clock", "store"]
