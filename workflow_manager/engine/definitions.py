"""Definitions by their digest: parsed at most once for as long as they are in use."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from workflow_manager.asl.nodes import Machine
from workflow_manager.asl.parse import parse

MAX_WEIGHT: Final = 128 * 2**20  # bytes, roughly, of the nodes that are kept
# What a character of a definition comes to as nodes, measured; most of JSONata is compiled expressions.
_A_CHARACTER: Final = 20
_A_CHARACTER_OF_JSONATA: Final = 200
_OWN_WEIGHT: Final = 2048


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Definitions:
    """`read` gives the text behind a digest."""

    def __init__(self, read: Callable[[str], str], max_weight: int = MAX_WEIGHT) -> None:
        self._read = read
        self._max_weight = max_weight
        self._machines: OrderedDict[str, tuple[Machine, int]] = OrderedDict()
        self._weight = 0

    def machine(self, name: str) -> Machine:
        """The state machine whose definition has the digest `name`."""
        found = self._machines.get(name)
        if found is not None:
            self._machines.move_to_end(name)
            return found[0]
        return self.keep(self._read(name), name)

    def keep(self, text: str, name: str | None = None, *, express: bool = False) -> Machine:
        """Parse a text and remember what came out.  Raises `InvalidDefinition`."""
        machine = parse(text, express=express)
        name = name or digest(text)
        if name not in self._machines:
            weight = _weight(text)
            self._machines[name] = (machine, weight)
            self._weight += weight
        while self._weight > self._max_weight and len(self._machines) > 1:
            _, (_, weight) = self._machines.popitem(last=False)
            self._weight -= weight
        return machine


def _weight(text: str) -> int:
    return _OWN_WEIGHT + len(text) * (_A_CHARACTER_OF_JSONATA if "{%" in text else _A_CHARACTER)
