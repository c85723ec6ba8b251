"""Schedules over an executor whose executions run when a test says so, on every quick store."""

from tests.executor.conftest import client, clock, executor, store

__all__ = ["client", "clock", "executor", "store"]
