"""How journal values look as bytes.  Frames are msgpack; what people may want to read is JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from workflow_manager.engine.events import HistoryEvent
from workflow_manager.engine.execution import Ending, Identity, Status
from workflow_manager.engine.frames import Frame
from workflow_manager.engine.journal.records import Abandoned, MapRun, Resource

STATUS_NUMBERS: Final = {status: number for number, status in enumerate(Status)}
STATUSES: Final = dict(enumerate(Status))

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

encode_json = msgspec.json.Encoder().encode
encode_frame = msgspec.msgpack.Encoder().encode
decode_frame = msgspec.msgpack.Decoder(Frame).decode
decode_history = msgspec.json.Decoder(list[HistoryEvent]).decode
decode_abandoned = msgspec.json.Decoder(Abandoned).decode
decode_identity = msgspec.json.Decoder(Identity).decode
decode_ending = msgspec.json.Decoder(Ending).decode
decode_resource = msgspec.json.Decoder(Resource).decode
decode_map_run = msgspec.json.Decoder(MapRun).decode
decode_tags = msgspec.json.Decoder(dict[str, str]).decode


def micros(at: datetime | None) -> int | None:
    """Microseconds since 1970."""
    return None if at is None else (at - _EPOCH) // _MICROSECOND


def moment(at: int | None) -> datetime | None:
    return None if at is None else _EPOCH + at * _MICROSECOND
