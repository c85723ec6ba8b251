"""Which variables each state refers to, as DescribeStateMachine shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_manager.asl.nodes import Machine, Map, Node, Parallel


def variable_references(machine: Machine) -> Mapping[str, list[str]]:
    """State name → names of the variables it reads, for the states that read any, at every level."""
    return {node.name: list(node.reads) for node in all_states(machine) if node.reads}


def all_states(machine: Machine) -> Iterator[Node]:
    """Every state of a machine and of the machines inside of it."""
    for node in machine.states.values():
        yield node
        if isinstance(node, Parallel):
            for branch in node.branches:
                yield from all_states(branch)
        elif isinstance(node, Map):
            yield from all_states(node.processor)
