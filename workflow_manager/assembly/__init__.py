"""The one place that chooses and connects: settings in, a running server out."""

from workflow_manager.assembly.application import Application, application
from workflow_manager.assembly.server import serve

__all__ = ["Application", "application", "serve"]
