"""A caller of operations: requests as keywords, payloads as values."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workflow_manager.engine.thread import LoopBridge
from workflow_manager.protocol.operations import Operations
from workflow_manager.protocol.refusals import Refusal

ROLE = "arn:aws:iam::123456789012:role/workflows"

# Members that hold the text of a JSON value.
TEXTS = frozenset(("context", "definition", "input", "mapItemReaderData", "result", "variables"))


class Caller:
    def __init__(self, operations: Operations, bridge: LoopBridge) -> None:
        self._operations = operations
        self._bridge = bridge

    def __call__(self, operation: str, **request: Any) -> dict[str, Any]:
        """The answer, its payloads as values too."""
        received = _received(self.send(operation, _sent(request)))
        assert isinstance(received, dict)
        return received

    def send(self, operation: str, request: Any) -> dict[str, Any]:
        """The request as it is, and the answer as it is."""
        return self._bridge.run(self._operations.call(operation, request))

    def refused(self, operation: str, **request: Any) -> tuple[str, str]:
        """Call, expect an error, and give its code and text."""
        with pytest.raises(Refusal) as caught:
            self(operation, **request)
        assert caught.value.status == 400
        return caught.value.code, caught.value.message


def _sent(value: Any, name: str = "") -> Any:
    if name in TEXTS and not isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, dict):
        return {key: _sent(member, key) for key, member in value.items()}
    return value


def _received(value: Any) -> Any:
    """Texts that are JSON as what they say."""
    if isinstance(value, dict):
        return {key: _received(member) for key, member in value.items()}
    if isinstance(value, str) and value[:1] in ("{", "["):
        return json.loads(value)
    return value
