"""What the events of an execution are about: which state, in which item of which Map, and what to say.

An event belongs to the state that its previous event belongs to; those of a Map or Parallel belong to
it, whatever happened inside just before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from workflow_manager.cli.output import headline, parse_time

_UNSUCCESSFUL: Final = ("Failed", "TimedOut", "Aborted")
_CONTAINERS: Final = ("Map", "Parallel")
_BEGINS_INSIDE: Final = ("MapStateStarted", "MapIterationStarted", "ParallelStateStarted")
_OUTCOMES: Final = ("StateSucceeded", "StateFailed", "StateAborted", "StateTimedOut")
# After its outcome a Map or Parallel may begin once more, or is left; everything else is of one around it.
_AFTER_OUTCOME: Final = ("StateStarted", "StateExited")


@dataclass(frozen=True, slots=True)
class _Place:
    """A state, or what is inside of it; `items` has the index in each Map around, outermost first."""

    state: str = ""
    kind: str = ""
    items: tuple[int, ...] = ()
    around: _Place | None = None
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """One event, with the state that it is about; `state` is "" for the execution itself."""

    event: Any
    state: str
    items: tuple[int, ...]
    at: datetime | None

    @property
    def type(self) -> str:
        return str(self.event.get("type", ""))

    @property
    def label(self) -> str:
        return self.state + "".join(f"[{index}]" for index in self.items)

    @property
    def is_unsuccessful(self) -> bool:
        return self.type.endswith(_UNSUCCESSFUL)

    @property
    def detail(self) -> str:
        """In one line: why, by whom, on what, with what."""
        details = details_of(self.event)
        if details.get("error") or details.get("cause"):
            return headline("\n".join(str(details.get(name) or "") for name in ("cause", "error")))
        if details.get("workerName"):
            return f"by {details['workerName']}"
        if details.get("length") is not None:
            return f"{details['length']} items"
        for name in ("output", "input"):
            if details.get(name) is not None:
                return " ".join(str(details[name]).split())
        return str(details.get("resource") or "")


def details_of(event: Any) -> dict[str, Any]:
    """The member that is named for the type, or for the part of it that several types share."""
    for name, value in event.items():
        if name.endswith("EventDetails") and isinstance(value, dict):
            return value
    return {}


class Chronicle:
    """Tells events as they come, oldest first; of one whose previous event it was not told, no state."""

    def __init__(self) -> None:
        self._after: dict[int, _Place] = {}

    def tell(self, event: Any) -> Told:
        before = self._after.get(event.get("previousEventId", 0), _Place())
        here, self._after[event["id"]] = _places(event, before)
        return Told(event, here.state, here.items, parse_time(event.get("timestamp")))


def told(events: Iterable[Any]) -> Iterator[Told]:
    """Events oldest first, from the beginning of their history."""
    return map(Chronicle().tell, events)


def _places(event: Any, before: _Place) -> tuple[_Place, _Place]:
    """What the event is about, and where what follows it stands."""
    type_, details = event["type"], details_of(event)
    if type_.endswith("StateEntered"):
        around = before if before.kind == "inside" else before.around
        kind = type_.removesuffix("StateEntered")
        place = _Place(details.get("name", ""), kind, around.items if around else (), around)
        return place, place
    if type_.startswith("Execution"):
        return _Place(), _Place()
    if type_.startswith(_CONTAINERS):
        kind = "Map" if type_.startswith("Map") else "Parallel"
        owner = _owner(kind, before, is_over=type_.endswith(_AFTER_OUTCOME))
        index = details.get("index")
        items = owner.items if index is None else (*owner.items, index)
        about = _Place(owner.state, owner.kind, items, owner.around)
        if type_ in _BEGINS_INSIDE:
            return about, _Place(owner.state, "inside", items, replace(owner, is_over=False))
        return about, replace(owner, is_over=type_.endswith((*_OUTCOMES, "StateExited")))
    return before, before


def _owner(kind: str, place: _Place, *, is_over: bool) -> _Place:
    """The nearest Map or Parallel from here outwards; one that is over only if that is looked for."""
    seeker: _Place | None = place
    while seeker is not None and (seeker.kind != kind or (seeker.is_over and not is_over)):
        seeker = seeker.around
    return seeker or place
