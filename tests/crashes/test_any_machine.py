"""Wherever an engine dies, the next one on its journal makes of any machine what one engine makes of it:
the same result, the same history, event by event, with the same times."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.crashes.any_machine import definitions
from tests.crashes.simulation import Death, Life, MortalMemory, MortalSqlite, World
from workflow_manager.engine.journal.port import Journal

# A thread that dies is what these tests are about.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")

Facts = dict[str, Any]
MAX_LIVES = 500


class Memory:
    """A journal that is handed from life to life."""

    def __init__(self) -> None:
        self._journal = MortalMemory()

    def open(self, death: Death) -> Journal:
        self._journal.death = death
        return self._journal

    def close(self) -> None:
        self._journal.close()


class Sqlite:
    """A journal that is closed at every death and opened again from its file."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory()
        self._journal: MortalSqlite | None = None

    def open(self, death: Death) -> Journal:
        if self._journal is not None:
            self._journal.close()
        # Nothing here can lose what the operating system was given.
        self._journal = MortalSqlite(Path(self._folder.name) / "journal.db", synchronous="OFF")
        self._journal.death = death
        return self._journal

    def close(self) -> None:
        if self._journal is not None:
            self._journal.close()
        self._folder.cleanup()


Medium = type[Memory] | type[Sqlite]


def lived(medium: Medium, definition: Facts, deaths: Iterable[Death]) -> Facts:
    """What the journal says after lives with these deaths, one after the other."""
    world, journals = World(definition), medium()
    try:
        for death in deaths:
            journal = journals.open(death)
            if asyncio.run(Life(journal, death, world).run()) is not None:
                return facts(journal)
    finally:
        journals.close()
    raise AssertionError("it never came to an end")


def facts(journal: Journal) -> Facts:
    """Everything that anybody can see, by ARN."""
    found: Facts = {}
    for key in range(1, journal.last_key() + 1):
        record = journal.record(key)
        if record is None:
            continue
        found[record.identity.arn] = {
            "input": record.identity.input,
            "ending": (record.status, record.ending),
            "times": (record.identity.started_at, record.stopped_at),
            "history": journal.history(key, limit=100_000).events,
        }
        for run in journal.map_runs(key, None, 1000):
            found[run.arn] = (run.status, run.items, run.tally, run.started_at, run.stopped_at, run.settled)
    assert list(journal.open_frames()) == []
    return found


def undisturbed(medium: Medium, definition: Facts) -> tuple[int, Facts]:
    """How many commits a life without a death has, and what comes of it."""
    death = Death()
    found = lived(medium, definition, [death])
    return death.commits, found


def check_every_death(medium: Medium, definition: Facts) -> None:
    commits, expected = undisturbed(medium, definition)
    for at in range(1, commits + 1):
        for after in (False, True):
            assert lived(medium, definition, [Death(at, after), Death()]) == expected


def many(draws: int) -> Callable[[Any], Any]:
    return settings(max_examples=draws, deadline=None, suppress_health_check=list(HealthCheck))


ANY = definitions(distributed=False) | definitions(distributed=True)


@pytest.mark.parametrize(("medium", "draws"), [(Memory, 10), (Sqlite, 3)])
def test_a_death_at_some_commit_changes_nothing(medium: Medium, draws: int) -> None:
    @many(draws)
    @given(ANY, st.floats(0, 1), st.booleans())
    def check(definition: Facts, when: float, after: bool) -> None:
        commits, expected = undisturbed(medium, definition)
        at = 1 + round(when * (commits - 1))
        assert lived(medium, definition, [Death(at, after), Death()]) == expected

    check()


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("medium", "draws"), [(Memory, 25), (Sqlite, 8)])
@pytest.mark.parametrize("distributed", [False, True], ids=["inline", "distributed"])
def test_a_death_at_any_commit_changes_nothing(medium: Medium, draws: int, distributed: bool) -> None:
    @many(draws)
    @given(definitions(distributed=distributed))
    def check(definition: Facts) -> None:
        check_every_death(medium, definition)

    check()


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("medium", "draws"), [(Memory, 25), (Sqlite, 8)])
def test_dying_again_and_again_changes_nothing(medium: Medium, draws: int) -> None:
    """Each life lasts for a few commits; what is done in them adds up."""

    @many(draws)
    @given(ANY, st.integers(2, 6), st.booleans())
    def check(definition: Facts, span: int, after: bool) -> None:
        expected = undisturbed(medium, definition)[1]
        assert lived(medium, definition, (Death(span, after) for _ in range(MAX_LIVES))) == expected

    check()
