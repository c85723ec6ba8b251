"""How records are written as JSON text: definitions, jobs and tags.

The names in these texts are on disk.  Renaming a field of a model is a new schema version.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, cast

import msgspec

from workflow_manager.kernel.json import Json, dumps, loads
from workflow_manager.models.workflow import Job, WorkflowDefinition

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_encoder = msgspec.json.Encoder()
_job_decoder = msgspec.json.Decoder(Job)
_jobs_decoder = msgspec.json.Decoder(tuple[Job, ...])


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def from_micros(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


def encode_definition(definition: WorkflowDefinition) -> str:
    """The same definition always gives the same text."""
    created_at = definition.created_at
    return dumps(
        {
            "id": definition.id,
            "name": definition.name,
            "version": definition.version,
            "created_at": None if created_at is None else to_micros(created_at),
            "manager": definition.manager,
            "state_machine": dict(definition.state_machine),
            "default_tags": dict(definition.default_tags),
        }
    )


def decode_definition(text: str) -> WorkflowDefinition:
    fields = cast("dict[str, Json]", loads(text))
    created_at = cast("int | None", fields["created_at"])
    return WorkflowDefinition(
        id=cast(str, fields["id"]),
        name=cast(str, fields["name"]),
        version=cast(int, fields["version"]),
        created_at=None if created_at is None else from_micros(created_at),
        manager=cast(str, fields["manager"]),
        state_machine=cast("dict[str, Json]", fields["state_machine"]),
        default_tags=cast("dict[str, Json]", fields["default_tags"]),
    )


def encode_tags(tags: Mapping[str, Json]) -> str:
    return dumps(dict(tags))


def decode_tags(text: str) -> Mapping[str, Json]:
    return cast("dict[str, Json]", loads(text))


def encode_job(job: Job) -> bytes:
    return _encoder.encode(job)


def decode_job(text: bytes) -> Job:
    return _job_decoder.decode(text)


def encode_jobs(jobs: tuple[Job, ...]) -> bytes:
    return _encoder.encode(jobs)


def decode_jobs(text: bytes) -> tuple[Job, ...]:
    return _jobs_decoder.decode(text)
