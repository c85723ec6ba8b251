"""The state machine that a definition runs on: found, brought up to date, or created.

Machines are shared with other servers and outlive this one, so whatever is found is compared with what
is wanted, and a machine that belongs to something else is left alone.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

import structlog

from workflow_manager.executor.client import Answer, StepFunctions, call
from workflow_manager.executor.execution_log import ExecutionLog
from workflow_manager.executor.expand import CONVENTIONS, activity_names, definition_text
from workflow_manager.kernel.errors import AlreadyExists, Conflict, NotFound, Unavailable
from workflow_manager.kernel.json import NotJson, loads
from workflow_manager.models.names import MachineKey, Naming, check_activity_name
from workflow_manager.models.workflow import WorkflowDefinition

CACHE_SIZE: Final = 1000

# Finding, losing and creating can take turns while others work on the same machine, but not for long.
MAX_ROUNDS: Final = 5

_IDENTITY: Final = ("environment", "workflow-definition-name", "workflow-definition-version")

# What tags may not hold, nor begin with, how long they may be, and how many; the last is `CONVENTIONS`'s.
_BAD_IN_TAGS: Final = re.compile(r"[^\w .:/=+\-@]")
_RESERVED: Final = re.compile(r"aws:", re.IGNORECASE)
_MAX_TAG_KEY: Final = 128
_MAX_TAG_VALUE: Final = 256
_MAX_TAGS: Final = 50

_log = structlog.get_logger()


class Machines:
    """Safe for use by many threads."""

    def __init__(
        self, client: StepFunctions, naming: Naming, role_arn: str, log: ExecutionLog | None
    ) -> None:
        self._client = client
        self._naming = naming
        self._role_arn = role_arn
        self._execution_log = log
        self._known: OrderedDict[tuple[str, MachineKey], str] = OrderedDict()
        self._lock = threading.Lock()

    def ensure(self, definition: WorkflowDefinition, namespace: str) -> str:
        """The name of the machine that runs this definition in the namespace.

        Asks Step Functions once for each; afterwards it is remembered until `forget`.
        """
        key = key_of(definition, namespace)
        with self._lock:
            name = self._known.get((definition.id, key))
            if name is not None:
                self._known.move_to_end((definition.id, key))
                return name
        name = self._find_or_create(definition, key)
        with self._lock:
            self._known[definition.id, key] = name
            if len(self._known) > CACHE_SIZE:
                self._known.popitem(last=False)
        return name

    def forget(self, definition: WorkflowDefinition, namespace: str) -> None:
        """Look again at the next use: it turned out to be gone."""
        with self._lock:
            self._known.pop((definition.id, key_of(definition, namespace)), None)

    def _find_or_create(self, definition: WorkflowDefinition, key: MachineKey) -> str:
        text = definition_text(definition.state_machine, key.namespace, self._naming)
        tags = machine_tags(definition, key)
        name = key.name
        for _ in range(MAX_ROUNDS):
            try:
                fits = self._fit(name, key, text, tags)
            except NotFound:
                self._create_activities(definition, key.namespace)
                fits = self._create(name, text, tags)
                if not fits:
                    continue
            if fits:
                return name
            if name == key.distinct_name:
                raise Conflict(f"the state machine {name} belongs to something else")
            name = key.distinct_name
        raise Unavailable(f"the state machine {name} is being made and deleted by others")

    def _fit(self, name: str, key: MachineKey, text: str, tags: Mapping[str, str]) -> bool:
        """Whether there is a machine of that name as wanted, or one of ours that now is.

        False when it is not ours.  Raises `NotFound`.
        """
        arn = self._naming.state_machine_arn(name)
        found = call(self._client.describe_state_machine, stateMachineArn=arn)
        if self._is_as_wanted(found, text):
            return True
        if not self._belongs_to(arn, key, tags):
            return False
        self._update(name, text, tags, found)
        return True

    def _is_as_wanted(self, found: Answer, text: str) -> bool:
        if not self._logs_as_wanted(found):
            return False
        there = found.get("definition", "")
        return there == text or _means_the_same(there, text)

    def _belongs_to(self, arn: str, key: MachineKey, tags: Mapping[str, str]) -> bool:
        """Whether its tags say that it was made for this key; start-at once held the name instead."""
        answer = call(self._client.list_tags_for_resource, resourceArn=arn)
        there = {tag["key"]: tag["value"] for tag in answer.get("tags") or []}
        start_at = there.get("workflow-definition-start-at")
        return all(there.get(name) == tags[name] for name in _IDENTITY) and start_at in (
            tags["workflow-definition-start-at"],
            _tag_value(key.definition_name),
        )

    def _create(self, name: str, text: str, tags: Mapping[str, str]) -> bool:
        """False when someone else did meanwhile."""
        request = self._request(text)
        try:
            call(self._client.create_state_machine, name=name, tags=_tag_list(tags), **request)
        except AlreadyExists:
            return False
        _log.info("create-state-machine", state_machine=name)
        return True

    def _logs_as_wanted(self, found: Answer) -> bool:
        return self._execution_log is None or self._execution_log.is_configured(found)

    def _update(self, name: str, text: str, tags: Mapping[str, str], found: Answer) -> None:
        arn = self._naming.state_machine_arn(name)
        request = self._request(text, sets_log=not self._logs_as_wanted(found))
        call(self._client.update_state_machine, stateMachineArn=arn, **request)
        call(self._client.tag_resource, resourceArn=arn, tags=_tag_list(tags))
        _log.info("update-state-machine", state_machine=name)

    def _create_activities(self, definition: WorkflowDefinition, namespace: str) -> None:
        """So that a workflow waits for its workers, and does not fail because none was there yet.

        An activity that exists is left as it is.
        """
        for activity in sorted(activity_names(dict(definition.state_machine), namespace, self._naming)):
            check_activity_name(activity, "namespace and Resource make")
            call(self._client.create_activity, name=activity)

    def _request(self, text: str, *, sets_log: bool = True) -> dict[str, Any]:
        request: dict[str, Any] = {"definition": text, "roleArn": self._role_arn}
        if sets_log and self._execution_log is not None:
            request["loggingConfiguration"] = self._execution_log.configuration()
        return request


def key_of(definition: WorkflowDefinition, namespace: str) -> MachineKey:
    start_at = definition.state_machine.get("StartAt")
    return MachineKey(namespace, definition.name, definition.version, str(start_at))


def machine_tags(definition: WorkflowDefinition, key: MachineKey) -> dict[str, str]:
    """What tags cannot hold is replaced, cut or left out: its workflows have the default tags whole."""
    tags = {
        "application": key.definition_name,
        "environment": key.namespace,
        "workflow-definition-name": key.definition_name,
        "workflow-definition-version": str(key.version),
        "workflow-definition-start-at": key.start_at,
    }
    for name, value in definition.default_tags.items():
        tag = _tag_key(name)
        if tag and isinstance(value, str) and (tag in tags or len(tags) < _MAX_TAGS - 1):
            tags[tag] = value
    tags["workflow-manager-conventions"] = CONVENTIONS
    return {name: _tag_value(value) for name, value in tags.items()}


def _tag_key(name: str) -> str:
    key = _BAD_IN_TAGS.sub("-", name)[:_MAX_TAG_KEY]
    return key if not _RESERVED.match(key) else f"{key[:3]}-{key[4:]}"


def _tag_value(text: str) -> str:
    return _BAD_IN_TAGS.sub("-", text)[:_MAX_TAG_VALUE]


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": name, "value": value} for name, value in tags.items()]


def _means_the_same(one: str, other: str) -> bool:
    try:
        return loads(one) == loads(other)
    except NotJson:
        return False
