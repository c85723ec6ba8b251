"""What readers see where a record cannot be brought up to date: the record as it is.

A disk that takes nothing more can still be read, and whoever looks has asked for no write.
"""

from __future__ import annotations

import structlog

from workflow_manager.executor.refresh import Refresher
from workflow_manager.kernel.errors import Unavailable
from workflow_manager.models.workflow import Workflow
from workflow_manager.store.port import WorkflowChange

_log = structlog.get_logger()


class Viewer(Refresher):
    """A `Refresher` that leaves out what cannot be written, and says so once until something can."""

    _fails = False

    def _save(self, workflow: Workflow, change: WorkflowChange | None) -> Workflow:
        if change is None:
            return workflow
        try:
            saved = super()._save(workflow, change)
        except Unavailable as error:
            if not self._fails:
                self._fails = True
                _log.warning("records-not-refreshed", workflow_id=workflow.id, error=str(error))
            # The jobs were asked for, and come from the history.
            return WorkflowChange(jobs=change.jobs).applied_to(workflow)
        self._fails = False
        return saved
