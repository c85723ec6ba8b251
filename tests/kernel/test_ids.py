"""Identifiers are what they say they are."""

from __future__ import annotations

import uuid

from workflow_manager.kernel.ids import SystemChance


def test_identifiers_are_random_uuids_that_never_come_again() -> None:
    chance = SystemChance()
    drawn = [chance.uuid() for _ in range(2000)]
    assert len(set(drawn)) == len(drawn)
    assert {(uuid.UUID(each).version, uuid.UUID(each).variant) for each in drawn} == {(4, uuid.RFC_4122)}
    assert all(str(uuid.UUID(each)) == each for each in drawn)
    # All bits but the six that are fixed take both values.
    varying = 0
    for each in drawn:
        varying |= uuid.UUID(each).int ^ uuid.UUID(drawn[0]).int
    assert varying.bit_count() == 122
