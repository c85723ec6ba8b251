"""Which stored version of a definition an application's workflows run on.

The store numbers versions by itself and never changes one.  A definition that the application does
not number gets a new stored version whenever it reads differently; one that it numbers may not
read differently without another number.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Collection, Sequence
from dataclasses import replace

from workflow_manager.executor.executor import Executor
from workflow_manager.kernel.errors import AlreadyExists, Conflict, NotFound
from workflow_manager.kernel.json import dumps
from workflow_manager.library.definitions import Definition, check_definition
from workflow_manager.models.names import Naming
from workflow_manager.models.workflow import WorkflowDefinition


class Catalogue:
    """Safe for use by many threads."""

    def __init__(self, executor: Executor, functions: Collection[str], naming: Naming) -> None:
        self._executor = executor
        self._functions = functions
        self._naming = naming
        self._given: dict[str, Definition] = {}
        self._stored: dict[str, WorkflowDefinition] = {}
        self._lock = threading.Lock()

    def add(self, definition: Definition) -> WorkflowDefinition:
        """Raises `InvalidDefinition`; `Conflict` for a name that is there and numbered."""
        check_definition(definition, self._functions, self._naming)
        with self._lock:
            there = self._given.get(definition.name)
            if there is not None and not there.is_mutable:
                raise Conflict(f"{definition.name} workflow definition already exists")
            return self._put(definition)

    def replace(self, definition: Definition) -> WorkflowDefinition:
        """Raises `NotFound`, `InvalidDefinition`; `Conflict` as a number is used again."""
        check_definition(definition, self._functions, self._naming)
        with self._lock:
            if definition.name not in self._given:
                raise NotFound("definition", definition.name)
            return self._put(definition)

    def definitions(self) -> list[WorkflowDefinition]:
        """With the application's own versions, in the order they were added."""
        with self._lock:
            return [replace(self._stored[name], version=given.version) for name, given in self._given.items()]

    def definition(self, name: str) -> WorkflowDefinition:
        """Raises `NotFound`."""
        for definition in self.definitions():
            if definition.name == name:
                return definition
        raise NotFound("definition", name)

    def stored(self, name: str) -> WorkflowDefinition:
        """As workflows run on it.  Raises `NotFound`."""
        with self._lock:
            if name not in self._stored:
                raise NotFound("definition", name)
            return self._stored[name]

    def _put(self, definition: Definition) -> WorkflowDefinition:
        stored = self._save(definition)
        self._given[definition.name] = definition
        self._stored[definition.name] = stored
        return replace(stored, version=definition.version)

    def _save(self, definition: Definition) -> WorkflowDefinition:
        versions = self._versions(definition.name)
        if definition.is_mutable:
            if versions and _reads_the_same(versions[-1], definition):
                return versions[-1]
            return self._store(definition, None, is_new=not versions)
        identity = _identity(definition)
        for version in versions:
            if version.id == identity:
                if not _reads_the_same(version, definition):
                    raise _changed(version, definition)
                return version
        return self._store(definition, identity, is_new=not versions)

    def _store(self, definition: Definition, identity: str | None, *, is_new: bool) -> WorkflowDefinition:
        if is_new:
            try:
                return self._executor.create_definition(
                    definition.name,
                    definition.state_machine,
                    manager=definition.manager,
                    default_tags=definition.default_tags,
                    definition_id=identity,
                )
            except AlreadyExists:
                pass  # another process that uses the same store was first
        return self._executor.update_definition(
            definition.name,
            definition.name,
            definition.state_machine,
            manager=definition.manager,
            default_tags=definition.default_tags,
            definition_id=identity,
        )

    def _versions(self, name: str) -> Sequence[WorkflowDefinition]:
        try:
            return self._executor.definition_versions(name, latest=False)
        except NotFound:
            return ()


def _identity(definition: Definition) -> str:
    """The same for the same name and number, in every process."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"workflow-definition:{definition.name}@{definition.version}"))


def _reads_the_same(stored: WorkflowDefinition, definition: Definition) -> bool:
    return (stored.state_machine, stored.default_tags) == (definition.state_machine, definition.default_tags)


def _changed(stored: WorkflowDefinition, definition: Definition) -> Conflict:
    return Conflict(
        f"version {definition.version} of {definition.name} is stored already and state machines are "
        f"immutable: rename it, give it another version, or use version -1 while it changes\n"
        f"stored: {dumps(dict(stored.state_machine))}\n"
        f"given:  {dumps(dict(definition.state_machine))}"
    )
