"""The context object: what `$$` and `$states.context` show of an execution and its state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from workflow_manager.engine.arns import is_express
from workflow_manager.engine.execution import Execution
from workflow_manager.kernel.json import Document, Json

STATE_DATA: Final = "STATE_DATA"
"""The source of items that the state's input holds."""


class Item(NamedTuple):
    """What an iteration of a distributed Map works on.

    `key` is set where the items are the entries of an object; `source` tells where they come from.
    """

    value: Json
    key: str | None = None
    source: str = STATE_DATA

    @property
    def given(self) -> Json:
        """What an iteration is given where nothing selects from it."""
        return self.value if self.key is None else {"Key": self.key, "Value": self.value}


def items_of(value: Json) -> list[Item] | None:
    """The elements of an array or the entries of an object; None for any other value."""
    match value:
        case list():
            return [Item(member) for member in value]
        case dict():
            return [Item(member, key) for key, member in value.items()]
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Iteration:
    """`$$.Map.Item`; `item` is set in a distributed Map."""

    index: int
    value: Json
    item: Item | None = None

    @property
    def shown(self) -> dict[str, Json]:
        key = {} if self.item is None or self.item.key is None else {"Key": self.item.key}
        source = {} if self.item is None else {"Source": self.item.source}
        return {"Index": self.index, **key, "Value": self.value, **source}


class ContextObject:
    """Built for one advance; the parts that all its states share are made once."""

    __slots__ = ("_execution", "_machine", "_moments", "_source")

    def __init__(self, execution: Execution) -> None:
        self._source = execution
        self._execution: dict[str, Json] | None = None
        self._machine: dict[str, Json] = {}
        self._moments: dict[datetime, str] = {}

    def of(
        self,
        name: str,
        entered_at: datetime,
        retries: int | None,
        item: Iteration | None,
        token: str | None,
    ) -> dict[str, Json]:
        """The object as the state `name` sees it.

        `retries` is for states that can be retried, `item` for what an iteration works on, `token`
        for tasks that wait for one; each is left out where it is None, as AWS does.
        """
        if self._source.context is not None:
            return dict(self._source.context)
        if self._execution is None:
            self._execution = self._of_execution()
            self._machine = self._of_machine()
        state: dict[str, Json] = {"Name": name, "EnteredTime": self._text(entered_at)}
        if retries is not None:
            state["RetryCount"] = retries
        context: dict[str, Json] = {
            "Execution": self._execution,
            "StateMachine": self._machine,
            "State": state,
        }
        if item is not None:
            context["Map"] = {"Item": item.shown}
        if token is not None:
            context["Task"] = {"Token": token}
        return context

    def _of_execution(self) -> dict[str, Json]:
        identity = self._source.identity
        # Express executions cannot be redriven.
        redrives = {} if is_express(identity.arn) else {"RedriveCount": self._source.redrives}
        return {
            "Id": identity.arn,
            "Input": Document(text=identity.input).value,
            "StartTime": self._text(identity.started_at),
            "Name": identity.name,
            "RoleArn": identity.role_arn or None,
            **redrives,
        }

    def _of_machine(self) -> dict[str, Json]:
        identity = self._source.identity
        return {"Id": identity.machine_arn, "Name": identity.machine_name}

    def _text(self, moment: datetime) -> str:
        text = self._moments.get(moment)
        if text is None:
            text = self._moments[moment] = format_time(moment)
        return text


def format_time(moment: datetime) -> str:
    """`2026-01-01T00:00:00.000Z`, as AWS writes times into payloads; `moment` is aware UTC."""
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
