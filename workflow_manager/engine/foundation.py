"""What all parts of the engine stand on: its journal, its registry, its runner, and whether it is open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Self

from workflow_manager.engine.announcer import Concern, Listener
from workflow_manager.engine.arns import Realm
from workflow_manager.engine.definitions import Definitions
from workflow_manager.engine.journal.port import Journal
from workflow_manager.engine.objects import NoObjects, Objects
from workflow_manager.engine.registry import Registry
from workflow_manager.engine.runner import Runner
from workflow_manager.engine.services import NoServices, Services
from workflow_manager.kernel.clock import Clock, SystemClock
from workflow_manager.kernel.errors import Unavailable
from workflow_manager.kernel.ids import Chance, SystemChance

EXPRESS: Final = "EXPRESS"
MAX_OPEN: Final = 1_000_000  # running executions; AWS's default limit


def _all(arn: str) -> bool:
    return True


class Foundation:
    """`services` makes the services of the engine it is given; `objects` hold the items and results of
    distributed Maps; `listeners` hear of every ending that is of their `concern`, but not of those of
    a Map's children, at least once, on threads of their own or, with `announce_beside`, as calls of
    `kernel.beside`.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        realm: Realm | None = None,
        clock: Clock | None = None,
        chance: Chance | None = None,
        services: Callable[[Self], Services] | None = None,
        objects: Objects | None = None,
        listeners: Sequence[Listener] = (),
        concern: Concern = _all,
        announce_beside: bool = False,
        max_open: int = MAX_OPEN,
    ) -> None:
        self._max_open = max_open
        self.realm = realm or Realm()
        self._journal = journal
        self._clock = clock or SystemClock()
        self._chance = chance or SystemChance()
        self._definitions = Definitions(journal.definition)
        self.registry = Registry(journal.catalogue())
        self._services = services(self) if services else NoServices()
        self._changing = asyncio.Lock()
        self._runner = Runner(
            journal,
            self._definitions.machine,
            clock=self._clock,
            chance=self._chance,
            services=self._services,
            objects=objects or NoObjects(),
            activity_exists=lambda arn: arn in self.registry.activities,
            listeners=listeners,
            concern=concern,
            announce_beside=announce_beside,
        )
        self._is_open = False
        self._gives_tasks = False

    async def open(self) -> None:
        """Take up everything that was under way, and begin."""
        self._runner.open()
        self._is_open = self._gives_tasks = True

    async def close(self) -> None:
        """Take nothing more; what was accepted is written.  The journal stays open."""
        self._is_open = self._gives_tasks = False
        await self._runner.close()

    def tick(self) -> None:
        """Move everything whose time has come by the engine's clock.

        The engine does so by itself as real time passes; a test that moves a manual clock says so.
        """
        self._runner.turns.tick()

    def _check_open(self) -> None:
        if not self._is_open:
            raise Unavailable("The engine is not running.")
