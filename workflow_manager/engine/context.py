"""The context object: what `$$` and `$states.context` show of an execution and its state."""

from __future__ import annotations

from datetime import datetime

from workflow_manager.engine.arns import is_express
from workflow_manager.engine.execution import Execution
from workflow_manager.kernel.json import Document, Json


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
        item: tuple[int, Json] | None,
        token: str | None,
    ) -> dict[str, Json]:
        """The object as the state `name` sees it.

        `retries` is for states that can be retried, `item` an iteration's index and value, `token`
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
            context["Map"] = {"Item": {"Index": item[0], "Value": item[1]}}
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
