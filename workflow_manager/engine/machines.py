"""What the engine is asked about its catalogue: state machines, versions, aliases, activities, tags."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from msgspec.structs import replace

from workflow_manager.engine.definitions import digest
from workflow_manager.engine.foundation import EXPRESS, Foundation
from workflow_manager.engine.journal.records import Activity, Alias, CatalogueWrite, StateMachine, Version

UNNAMED_A_WRITE: Final = 500  # definitions, and machines, that are forgotten at a time

T = TypeVar("T")


class Machines(Foundation):
    """One change at a time: what is decided from the registry still holds when it is written."""

    async def create_machine(
        self,
        name: str,
        definition: str,
        role_arn: str,
        *,
        type: str = "STANDARD",
        logging: Mapping[str, object] | None = None,
        tracing: bool = False,
        encryption: Mapping[str, object] | None = None,
        tags: Mapping[str, str] | None = None,
        publish: str | None = None,
    ) -> tuple[StateMachine, Version | None]:
        """`publish` is the description of the version to make, None for no version.

        Raises `InvalidDefinition`, `AlreadyExists`.
        """
        self._definitions.keep(definition, express=type == EXPRESS)
        now = self._clock.now()
        machine = StateMachine(
            arn=self.realm.machine(name),
            name=name,
            role_arn=role_arn,
            definition=digest(definition),
            created_at=now,
            updated_at=now,
            type=type,
            logging=dict(logging or {}),
            tracing=tracing,
            encryption=dict(encryption or {}),
        )
        async with self._changing:
            machine, version, write = self.registry.create_machine(
                machine, definition, tags or {}, publish=publish
            )
            await self._change(write)
        return machine, version

    async def update_machine(
        self,
        arn: str,
        *,
        definition: str | None = None,
        role_arn: str | None = None,
        logging: Mapping[str, object] | None = None,
        tracing: bool | None = None,
        encryption: Mapping[str, object] | None = None,
        publish: str | None = None,
    ) -> tuple[StateMachine, Version | None]:
        """What is None stays.  Raises `InvalidDefinition`, `NotFound`."""
        if definition is not None:
            self._definitions.keep(definition, express=self.registry.machine(arn).type == EXPRESS)
        async with self._changing:
            found = self.registry.machine(arn)
            machine = replace(
                found,
                definition=found.definition if definition is None else digest(definition),
                role_arn=role_arn or found.role_arn,
                logging=found.logging if logging is None else dict(logging),
                tracing=found.tracing if tracing is None else tracing,
                encryption=found.encryption if encryption is None else dict(encryption),
                updated_at=self._clock.now(),
            )
            machine, version, write = self.registry.update_machine(
                machine, definition, self._chance.uuid(), publish=publish
            )
            await self._change(write)
        return machine, version

    async def delete_machine(self, arn: str) -> None:
        """Its executions go on; nothing happens when it is not there."""
        await self._decide(lambda: (None, self.registry.remove_machine(arn)))

    def definition(self, digest: str) -> str:
        """The text of a definition.  Raises `NotFound`."""
        return self._journal.definition(digest)

    async def publish_version(self, arn: str, revision: str | None, description: str) -> Version:
        return await self._decide(
            lambda: self.registry.publish(arn, revision, description, self._clock.now())
        )

    async def delete_version(self, arn: str) -> None:
        await self._decide(lambda: (None, self.registry.remove_version(arn)))

    async def create_alias(
        self, name: str, routes: Sequence[tuple[str, int]], description: str | None
    ) -> Alias:
        return await self._decide(
            lambda: self.registry.create_alias(name, routes, description, self._clock.now())
        )

    async def update_alias(
        self, arn: str, routes: Sequence[tuple[str, int]] | None, description: str | None
    ) -> Alias:
        return await self._decide(
            lambda: self.registry.update_alias(arn, routes, description, self._clock.now())
        )

    async def delete_alias(self, arn: str) -> None:
        await self._decide(lambda: (None, self.registry.remove_alias(arn)))

    async def forget_unnamed(self) -> bool:
        """Take away definitions that neither an execution nor a machine names any more, and what is kept of
        machines for executions that are all gone; whether there was anything, and may be more.
        """
        self._check_open()
        found = await asyncio.to_thread(self._journal.unnamed, UNNAMED_A_WRITE)
        if found is None:
            return False
        # From here to the submission nothing else happens on the loop: a start before it has submitted its
        # write already, and one after it finds its definition in the registry as it is now, or as a change
        # makes it that is written later.
        self._check_open()
        named = self.registry.definitions()
        await self._runner.submit(dataclasses.replace(found, definitions=found.definitions - named))
        return True

    async def create_activity(
        self,
        name: str,
        tags: Mapping[str, str] | None = None,
        encryption: Mapping[str, object] | None = None,
    ) -> Activity:
        """The same activity again is no conflict; tags do not count.

        Raises `AlreadyExists`, `TooManyTags`.
        """
        activity = Activity(
            arn=self.realm.activity(name),
            name=name,
            created_at=self._clock.now(),
            encryption=dict(encryption or {}),
        )
        return await self._decide(lambda: self.registry.create_activity(activity, tags or {}))

    async def delete_activity(self, arn: str) -> None:
        await self._decide(lambda: (None, CatalogueWrite(removed=(arn,), tags={arn: {}})))

    async def tag(self, arn: str, tags: Mapping[str, str]) -> None:
        await self._decide(lambda: (None, self.registry.tag(arn, tags)))

    async def untag(self, arn: str, keys: Sequence[str]) -> None:
        await self._decide(lambda: (None, self.registry.untag(arn, keys)))

    async def _decide(self, decide: Callable[[], tuple[T, CatalogueWrite]]) -> T:
        async with self._changing:
            result, write = decide()
            await self._change(write)
        return result

    async def _change(self, write: CatalogueWrite) -> None:
        self._check_open()
        if write != CatalogueWrite():
            # Once submitted the write will happen, whether or not the caller waits for it.
            await asyncio.shield(self._written(write))

    async def _written(self, write: CatalogueWrite) -> None:
        await self._runner.submit(write)
        self.registry.apply(write)
