"""When two submissions are the same: the same idempotency key, and the same request.

A key is the workflow's id in another form, so whatever keeps ids apart in a store keeps keys apart,
atomically, and for as long as the workflow is kept.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from datetime import datetime

from workflow_manager.kernel.json import Json, dumps


def keyed_workflow_id(key: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"workflow-manager:idempotency-key:{key}"))


def scheduled_workflow_id(schedule_id: str, at: datetime) -> str:
    """Of the one workflow that a schedule has for that time."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"workflow-manager:schedule:{schedule_id}:{at.isoformat()}"))


def any_request_digest(workflow_id: str) -> str:
    """For an id that leads to what it started, whatever was asked for with it then."""
    return hashlib.sha256(workflow_id.encode()).hexdigest()


def request_digest(
    name: str, version: int, input: str, namespace: str, queue: str, tags: Mapping[str, Json]
) -> str:
    """Of what was asked for, not of what came of it: a negative version stays one."""
    asked = dumps([name, version, input, namespace, queue or "default", dict(sorted(tags.items()))])
    return hashlib.sha256(asked.encode()).hexdigest()
