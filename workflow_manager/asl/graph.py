"""Whether the states of one machine hang together: every target exists, every state is reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from workflow_manager.asl.judging import NO_TERMINAL, TARGET, Fields
from workflow_manager.asl.nodes import END, Choice, Fail, Machine, Node, Succeed


class Transition(NamedTuple):
    """`place` is that of the field within its state."""

    field: str
    place: str
    target: str


def transitions(node: Node) -> Iterator[Transition]:
    """Where a state can go on to.  A target that was not even a text is left out."""
    match node:
        case Choice():
            for number, rule in enumerate(node.rules):
                yield Transition("Next", f"Choices[{number}]/Next", rule.next)
            if node.default is not None:
                yield Transition("Default", "Default", node.default)
        case Succeed() | Fail():
            pass
        case _ if node.next is not END:
            yield Transition("Next", "Next", node.next)
    for number, catcher in enumerate(getattr(node, "catch", ())):
        yield Transition("Next", f"Catch[{number}]/Next", catcher.next)


def check_graph(machine: Machine, fields: Fields) -> None:
    """Reports missing targets, states that are never reached, and a machine that cannot end."""
    states = machine.states
    for name, node in states.items():
        for transition in transitions(node):
            if transition.target and transition.target not in states:
                fields.report(
                    f"Missing '{transition.field}' target: {transition.target}",
                    f"States/{name}/{transition.place}",
                    TARGET,
                )
    if machine.start_at not in states:
        if machine.start_at:
            fields.report(f"Missing 'StartAt' target: {machine.start_at}", "StartAt", TARGET)
        return
    reached = _reached(machine.start_at, states)
    for name in states:
        if name not in reached:
            fields.report(f'State "{name}" is not reachable.', f"States/{name}", TARGET)
    if not any(_is_terminal(node) for node in states.values()):
        fields.report("No terminal state found", "States", NO_TERMINAL)


def _reached(start: str, states: Mapping[str, Node]) -> set[str]:
    reached, open_ = {start}, [start]
    while open_:
        for transition in transitions(states[open_.pop()]):
            if transition.target in states and transition.target not in reached:
                reached.add(transition.target)
                open_.append(transition.target)
    return reached


def _is_terminal(node: Node) -> bool:
    match node:
        case Succeed() | Fail():
            return True
        case Choice():
            return False
    return node.next is END
