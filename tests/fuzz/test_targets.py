"""A short round of fuzzing: seeds with pieces cut out, put in, repeated and mixed.

The long rounds are `tests.fuzz.guided`'s, which coverage guides.
"""

from __future__ import annotations

import random
import resource
import time

import pytest

from tests.fuzz.seeds import seeds, words
from tests.fuzz.targets import TARGETS

MOST_SECONDS = 60.0  # for one input, on a machine that is busy with other things
GROWTH_KIB = 300 * 1024
ROUNDS = {"protocol": 3000}


def mutated(chance: random.Random, target: str) -> bytes:
    """A seed that went through a few changes."""
    text = chance.choice(seeds(target))
    for _ in range(chance.randint(1, 4)):
        start, end = sorted(chance.randint(0, len(text)) for _ in range(2))
        match chance.randrange(6):
            case 0:
                text = text[:start] + text[end:][:2000]
            case 1:
                text = text[:start] + chance.choice(words(target)) + text[start:]
            case 2:
                text = text[:start] + chance.choice(words(target)) + text[end:]
            case 3:
                text = text[:end] + text[start:end][:200] * chance.randint(1, 20) + text[end:]
            case 4:
                other = chance.choice(seeds(target))
                text = text[:start] + other[chance.randint(0, len(other)) :]
            case _:
                text = text[:start] + chance.randbytes(chance.randint(1, 3)) + text[start:]
    return text[:8192]


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("target", TARGETS)
def test_no_input_brings_it_down(target: str) -> None:
    chance = random.Random(target)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(ROUNDS.get(target, 10_000)):
        check(target, mutated(chance, target))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < GROWTH_KIB


@pytest.mark.parametrize("target", TARGETS)
def test_some_of_the_seeds_bring_nothing_down(target: str) -> None:
    for data in seeds(target)[::20]:
        check(target, data)


def check(target: str, data: bytes) -> None:
    began = time.monotonic()
    try:
        TARGETS[target](data)
    except BaseException:
        print(f"{target} was brought down by {data!r}")
        raise
    assert time.monotonic() - began < MOST_SECONDS, data
