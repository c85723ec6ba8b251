"""What a state needs to know of the definition around it while it is parsed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from workflow_manager.asl.judging import Judge
from workflow_manager.asl.nodes import Machine, QueryLanguage


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """`language` is the whole definition's; `express` tells what kind of execution runs the states.

    `places` has each state name that was seen, with its place: names are unique in the whole
    definition.  `parse_machine` reads a machine inside of a state.
    """

    judge: Judge
    language: QueryLanguage
    express: bool
    places: dict[str, str]
    parse_machine: Callable[..., Machine]
    is_top: bool = True

    def inner(self, *, express: bool | None = None) -> Scope:
        return replace(self, is_top=False, express=self.express if express is None else express)
