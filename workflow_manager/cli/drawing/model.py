"""What is drawn of a state machine: boxes, what is inside of them, and the arrows between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from workflow_manager.cli.letters import plain
from workflow_manager.cli.outline import SIGNS

_LONGEST_LABEL: Final = 32

_SIGNS: Final = (
    ("GreaterThanEquals", "≥"),
    ("LessThanEquals", "≤"),
    ("GreaterThan", ">"),
    ("LessThan", "<"),
    ("Equals", "="),
    ("Matches", "matches"),
)


@dataclass(frozen=True, slots=True)
class Arrow:
    """`kind` is next, choice, default or catch; the label is "" for next."""

    source: str
    target: str
    kind: str = "next"
    label: str = ""


@dataclass(slots=True)
class Box:
    """A state.  `lines` stand below its name; `status` is that of a run, "" for none."""

    name: str
    type: str
    lines: list[str] = field(default_factory=list)
    status: str = ""
    inside: list[Chart] = field(default_factory=list)

    @property
    def heading(self) -> str:
        """Its name, behind the sign of its status."""
        return f"{SIGNS[self.status]} {self.name}" if self.status in SIGNS else self.name


@dataclass(slots=True)
class Chart:
    """One machine: its boxes by name in the document's order, and its arrows."""

    start: str
    boxes: dict[str, Box]
    arrows: list[Arrow]


def chart_of(machine: Any, runs: Mapping[str, tuple[str, str]] | None = None) -> Chart:
    """Of a state machine's document; `runs` has for each state what a run made of it: status and a note.

    Arrows to states that are not there are left out.
    """
    states = machine.get("States") if isinstance(machine, dict) else None
    states = states if isinstance(states, dict) else {}
    boxes = {name: _box(name, state, runs or {}) for name, state in states.items() if isinstance(state, dict)}
    arrows = [arrow for name in boxes for arrow in _arrows(name, states[name]) if arrow.target in boxes]
    start = machine.get("StartAt", "") if isinstance(machine, dict) else ""
    return Chart(start if start in boxes else next(iter(boxes), ""), boxes, arrows)


def _box(name: str, state: Any, runs: Mapping[str, tuple[str, str]]) -> Box:
    status, note = runs.get(name, ("", ""))
    box = Box(plain(name), plain(str(state.get("Type", ""))), status=status)
    box.lines.append(" ".join(each for each in (box.type, plain(_work(state))) if each))
    if note:
        box.lines.append(plain(note))
    inner = [*(state.get("Branches") or ()), state.get("ItemProcessor") or state.get("Iterator")]
    box.inside = [chart_of(each, runs) for each in inner if isinstance(each, dict)]
    return box


def _work(state: Any) -> str:
    match state.get("Type"):
        case "Task":
            return str(state.get("Resource", "")).rpartition(":")[2]
        case "Wait":
            seconds = state.get("Seconds")
            return f"{seconds} s" if isinstance(seconds, int | float) else "until"
        case "Fail":
            return str(state.get("Error", ""))
    return ""


def _arrows(name: str, state: Any) -> Iterator[Arrow]:
    if state.get("Type") in ("Succeed", "Fail"):
        return
    for rule in _list(state.get("Choices")):
        yield Arrow(name, str(rule.get("Next", "")), "choice", _short(condition(rule)))
    if state.get("Default"):
        yield Arrow(name, str(state["Default"]), "default", "otherwise")
    if state.get("Next") and state.get("Type") != "Choice":
        yield Arrow(name, str(state["Next"]))
    for catcher in _list(state.get("Catch")):
        errors = ", ".join(str(each) for each in catcher.get("ErrorEquals") or ())
        yield Arrow(name, str(catcher.get("Next", "")), "catch", _short(f"✗ {errors}"))


def _list(value: Any) -> Sequence[Any]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def condition(rule: Any) -> str:
    """A rule of a Choice as people would write it."""
    if not isinstance(rule, dict):
        return "?"
    if "Condition" in rule:
        return str(rule["Condition"]).removeprefix("{%").removesuffix("%}").strip()
    for word in ("And", "Or"):
        if word in rule:
            return f" {word.lower()} ".join(condition(each) for each in _list(rule[word]))
    if "Not" in rule:
        return f"not {condition(rule['Not'])}"
    variable = rule.get("Variable", "")
    for key, value in rule.items():
        if key in ("Variable", "Next", "Comment", "Assign", "Output"):
            continue
        if key.startswith("Is"):
            return f"{variable} {'is' if value else 'is not'} {key[2:].lower()}"
        sign = next((shown for word, shown in _SIGNS if word in key), key)
        return f"{variable} {sign} {_value(value)}"
    return str(variable)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _short(text: str) -> str:
    text = plain(" ".join(text.split()))
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1] + "…"
