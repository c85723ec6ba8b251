"""State machines, their versions and aliases, activities and tags: the rules for changing them.

Holds what the journal's catalogue holds, in memory.  A change is decided here and returned as a
write; `apply` takes it over once it is durable.  Changes are made one at a time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from workflow_manager.engine.arns import is_alias, is_version, unqualified
from workflow_manager.engine.journal.records import (
    Activity,
    Alias,
    Catalogue,
    CatalogueWrite,
    Resource,
    StateMachine,
    Version,
    definitions_of,
)
from workflow_manager.kernel.errors import AlreadyExists, Conflict, InvalidRequest, NotFound

MAX_TAGS: Final = 50


class TooManyTags(InvalidRequest):
    """A resource would have more tags than it may have."""


@dataclass(frozen=True, slots=True)
class Target:
    """What an ARN given to StartExecution leads to."""

    machine: StateMachine
    version_arn: str | None = None
    alias_arn: str | None = None


class Registry:
    def __init__(self, catalogue: Catalogue) -> None:
        self.machines: dict[str, StateMachine] = {}
        self.versions: dict[str, Version] = {}
        self.aliases: dict[str, Alias] = {}
        self.activities: dict[str, Activity] = {}
        self._tags: dict[str, Mapping[str, str]] = dict(catalogue.tags)
        for resource in catalogue.resources:
            self._put(resource)

    def apply(self, write: CatalogueWrite) -> None:
        for arn in write.removed:
            for shelf in (self.machines, self.versions, self.aliases, self.activities):
                shelf.pop(arn, None)
        for resource in write.put:
            self._put(resource)
        for arn, tags in write.tags.items():
            if tags:
                self._tags[arn] = tags
            else:
                self._tags.pop(arn, None)

    def definitions(self) -> frozenset[str]:
        """The digests of all that machines and versions name."""
        return definitions_of((*self.machines.values(), *self.versions.values()))

    def _put(self, resource: Resource) -> None:
        match resource:
            case StateMachine():
                self.machines[resource.arn] = resource
            case Version():
                self.versions[resource.arn] = resource
            case Alias():
                self.aliases[resource.arn] = resource
            case Activity():
                self.activities[resource.arn] = resource

    # State machines

    def machine(self, arn: str) -> StateMachine:
        """Raises `NotFound`."""
        try:
            return self.machines[arn]
        except KeyError:
            raise NotFound("state machine", arn) from None

    def leads_to(self, arn: str) -> StateMachine:
        """The machine that an ARN of a machine, a version or an alias belongs to.  Raises `NotFound`."""
        if arn in self.versions or arn in self.aliases:
            return self.machine(unqualified(arn))
        return self.machine(arn)

    def target(self, arn: str, seed: Callable[[], int]) -> Target:
        """The machine behind the ARN of a machine, a version or an alias, which chooses by chance.

        Raises `NotFound`.
        """
        if arn in self.versions:
            return Target(self.versions[arn].machine, version_arn=arn)
        if arn in self.aliases:
            versions, weights = zip(*self.aliases[arn].routes, strict=True)
            chosen = random.Random(seed()).choices(versions, weights)[0]
            return Target(self.versions[chosen].machine, version_arn=chosen, alias_arn=arn)
        return Target(self.machine(arn))

    def create_machine(
        self, machine: StateMachine, text: str, tags: Mapping[str, str], *, publish: str | None
    ) -> tuple[StateMachine, Version | None, CatalogueWrite]:
        """The same machine again is no conflict; its role and tags do not count.

        `publish` is the description of the version to make, None for no version.  Raises
        `AlreadyExists`.
        """
        found = self.machines.get(machine.arn)
        if found is not None:
            if _substance(found) != _substance(machine):
                raise AlreadyExists("state machine", machine.arn)
            version, write = self._publish(found, publish, machine.created_at)
            return found, version, write
        _check_tags(tags)
        version, write = self._publish(machine, publish, machine.created_at)
        write = CatalogueWrite(
            put=write.put or (machine,),
            tags={machine.arn: dict(tags)} if tags else {},
            definitions={machine.definition: text},
        )
        return machine, version, write

    def update_machine(
        self, machine: StateMachine, text: str | None, revision: str, *, publish: str | None
    ) -> tuple[StateMachine, Version | None, CatalogueWrite]:
        """`machine` as it is to be; it gets `revision` if that differs from what it was."""
        found = self.machine(machine.arn)
        if (_substance(found), found.role_arn) == (_substance(machine), machine.role_arn):
            machine = found
        else:
            machine = replace(machine, revision=revision, published=found.published)
        version, write = self._publish(machine, publish, machine.updated_at)
        write = CatalogueWrite(
            put=write.put or (machine,),
            definitions={} if text is None else {machine.definition: text},
        )
        return machine, version, write

    def remove_machine(self, arn: str) -> CatalogueWrite:
        """With its versions, aliases and tags.  Nothing happens when it is not there.

        Raises `InvalidRequest` for a version or an alias.
        """
        if unqualified(arn) != arn:
            raise InvalidRequest(f"A state machine ARN without a version or an alias is expected: '{arn}'")
        return CatalogueWrite(
            removed=(
                arn,
                *(version.arn for version in self.versions_of(arn)),
                *(alias.arn for alias in self.aliases_of(arn)),
            ),
            tags={arn: {}},
        )

    # Versions

    def versions_of(self, machine_arn: str) -> list[Version]:
        """Newest first."""
        found = [version for version in self.versions.values() if version.machine.arn == machine_arn]
        return sorted(found, key=lambda version: version.machine.published, reverse=True)

    def publish(
        self, arn: str, revision: str | None, description: str, at: datetime
    ) -> tuple[Version, CatalogueWrite]:
        """Raises `NotFound`, and `Conflict` when the machine has another revision."""
        machine = self.machine(arn)
        if revision is not None and revision != (machine.revision or "INITIAL"):
            raise Conflict(
                f"Failed to publish the State Machine version for revision {revision}."
                f" The current State Machine revision is {machine.revision or 'INITIAL'}."
            )
        version, write = self._publish(machine, description, at)
        assert version is not None
        return version, write

    def _publish(
        self, machine: StateMachine, description: str | None, at: datetime
    ) -> tuple[Version | None, CatalogueWrite]:
        if description is None:
            return None, CatalogueWrite()
        latest = next(iter(self.versions_of(machine.arn)), None)
        if latest is not None and latest.machine.revision == machine.revision:
            return latest, CatalogueWrite()
        machine = replace(machine, published=machine.published + 1)
        version = Version(
            arn=f"{machine.arn}:{machine.published}",
            machine=machine,
            created_at=at,
            description=description or None,
        )
        return version, CatalogueWrite(put=(machine, version))

    def remove_version(self, arn: str) -> CatalogueWrite:
        """Nothing happens when it is not there.

        Raises `InvalidRequest` for what is no version, `Conflict` when an alias leads to it.
        """
        if not is_version(arn):
            raise InvalidRequest(f"The ARN of a state machine version is expected: '{arn}'")
        users = [alias.name for alias in self.aliases.values() if arn in dict(alias.routes)]
        if users:
            raise Conflict(
                "Version to be deleted must not be referenced by an alias."
                f" Current list of aliases referencing this version: [{', '.join(users)}]"
            )
        return CatalogueWrite(removed=(arn,))

    # Aliases

    def aliases_of(self, machine_arn: str) -> list[Alias]:
        """In the order of their names."""
        found = [alias for alias in self.aliases.values() if alias.machine_arn == machine_arn]
        return sorted(found, key=lambda alias: alias.name)

    def alias(self, arn: str) -> Alias:
        """Raises `NotFound`."""
        try:
            return self.aliases[arn]
        except KeyError:
            raise NotFound("alias", arn) from None

    def create_alias(
        self, name: str, routes: Sequence[tuple[str, int]], description: str | None, at: datetime
    ) -> tuple[Alias, CatalogueWrite]:
        """The same alias again is no conflict.  Raises `InvalidRequest`, `NotFound`, `Conflict`."""
        machine_arn = self._check_routes(routes)
        arn = f"{machine_arn}:{name}"
        found = self.aliases.get(arn)
        if found is not None:
            if (found.routes, found.description) != (tuple(routes), description):
                raise Conflict(
                    "Failed to create alias because an alias with the same name and a different routing"
                    " configuration already exists."
                )
            return found, CatalogueWrite()
        alias = Alias(
            arn=arn,
            name=name,
            machine_arn=machine_arn,
            routes=tuple(routes),
            created_at=at,
            updated_at=at,
            description=description,
        )
        return alias, CatalogueWrite(put=(alias,))

    def update_alias(
        self, arn: str, routes: Sequence[tuple[str, int]] | None, description: str | None, at: datetime
    ) -> tuple[Alias, CatalogueWrite]:
        """What is None stays.  Raises `InvalidRequest`, `NotFound`."""
        alias = self.alias(arn)
        if routes is not None and self._check_routes(routes) != alias.machine_arn:
            raise InvalidRequest("The versions of an alias must be versions of its own state machine.")
        alias = replace(
            alias,
            routes=alias.routes if routes is None else tuple(routes),
            description=alias.description if description is None else description,
            updated_at=at,
        )
        return alias, CatalogueWrite(put=(alias,))

    def _check_routes(self, routes: Sequence[tuple[str, int]]) -> str:
        """The state machine that all of them belong to."""
        arns = [arn for arn, _ in routes]
        received = f"Received: [{', '.join(arns)}]"
        if not all(map(is_version, arns)):
            raise InvalidRequest(f"Routing configuration must contain state machine version ARNs. {received}")
        if len(set(arns)) != len(arns):
            raise InvalidRequest(
                f"Routing configuration must contain distinct state machine version ARNs. {received}"
            )
        weights = [weight for _, weight in routes]
        if sum(weights) != 100:
            raise InvalidRequest(f"Sum of routing configuration weights must equal 100. Received: {weights}")
        machines = {unqualified(arn) for arn, _ in routes}
        if len(machines) != 1:
            raise InvalidRequest("The versions of an alias must be versions of one state machine.")
        for arn, _ in routes:
            if arn not in self.versions:
                raise NotFound("alias", arn)
        return machines.pop()

    def remove_alias(self, arn: str) -> CatalogueWrite:
        """Nothing happens when it is not there.  Raises `InvalidRequest` for what is no alias."""
        if not is_alias(arn):
            raise InvalidRequest(f"The ARN of a state machine alias is expected: '{arn}'")
        return CatalogueWrite(removed=(arn,))

    # Activities and tags

    def activity(self, arn: str) -> Activity:
        """Raises `NotFound`."""
        try:
            return self.activities[arn]
        except KeyError:
            raise NotFound("activity", arn) from None

    def create_activity(self, activity: Activity, tags: Mapping[str, str]) -> tuple[Activity, CatalogueWrite]:
        """Raises `AlreadyExists` when it is there with another encryption, and `TooManyTags`."""
        found = self.activities.get(activity.arn)
        if found is not None:
            if found.encryption != activity.encryption:
                raise AlreadyExists("activity", activity.arn)
            return found, CatalogueWrite()
        _check_tags(tags)
        write = CatalogueWrite(put=(activity,), tags={activity.arn: dict(tags)} if tags else {})
        return activity, write

    def tags(self, arn: str) -> Mapping[str, str]:
        """Raises `NotFound` for what cannot be tagged."""
        if arn not in self.machines and arn not in self.activities:
            raise NotFound("resource", arn)
        return self._tags.get(arn, {})

    def tag(self, arn: str, tags: Mapping[str, str]) -> CatalogueWrite:
        """Raises `NotFound`, `TooManyTags`."""
        merged = {**self.tags(arn), **tags}
        _check_tags(merged)
        return CatalogueWrite(tags={arn: merged})

    def untag(self, arn: str, keys: Sequence[str]) -> CatalogueWrite:
        """Keys that are not there are no error.  Raises `NotFound`."""
        return CatalogueWrite(
            tags={arn: {key: value for key, value in self.tags(arn).items() if key not in keys}}
        )


def _substance(machine: StateMachine) -> tuple[object, ...]:
    """What makes two requests ask for the same state machine."""
    return (
        machine.name,
        machine.type,
        machine.definition,
        machine.logging,
        machine.tracing,
        machine.encryption,
    )


def _check_tags(tags: Mapping[str, str]) -> None:
    if len(tags) > MAX_TAGS:
        raise TooManyTags(f"A resource can have at most {MAX_TAGS} tags.")
