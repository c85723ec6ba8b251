"""The store on SQLite."""

from workflow_manager.store.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
