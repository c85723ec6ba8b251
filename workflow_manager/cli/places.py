"""Where in a file a part of a definition stands: from `/States/A/Choices[0]/Next` to line and column."""

from __future__ import annotations

import re
from typing import NamedTuple

import yaml

_STEP = re.compile(r"\[(\d+)\]")


class Position(NamedTuple):
    """Both count from 1."""

    line: int
    column: int


class Places:
    """The positions in one text, which is YAML or JSON; JSON that is no YAML has none."""

    def __init__(self, text: str) -> None:
        try:
            self._documents = [node for node in yaml.compose_all(text, yaml.SafeLoader) if node is not None]
        except (yaml.YAMLError, RecursionError):
            self._documents = []

    def find(self, number: int, place: str) -> Position | None:
        """Of a place in the state machine of definition `number`, from 0.

        Of the nearest thing around it, where it is not there at all.
        """
        definitions = [item for document in self._documents for item in _items(document)]
        if number >= len(definitions):
            return None
        node = definitions[number]
        machine = _member(node, "stateMachine")
        mark = node.start_mark
        if machine is not None:
            node = machine[1]
            mark = machine[0].start_mark
        for step in _steps(place):
            found = _child(node, step)
            if found is None:
                break
            key, node = found
            mark = key.start_mark
        return Position(mark.line + 1, mark.column + 1)


def _items(document: yaml.Node) -> list[yaml.Node]:
    return list(document.value) if isinstance(document, yaml.SequenceNode) else [document]


def _steps(place: str) -> list[str]:
    """`/A/B[0]/C` is A, B, 0, C; a state's name may have a slash in it, which `_child` cannot know."""
    steps: list[str] = []
    for part in place.strip("/").split("/"):
        name = _STEP.sub("", part)
        steps += [name] if name else []
        steps += _STEP.findall(part)
    return steps


def _child(node: yaml.Node, step: str) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and step.isdigit() and int(step) < len(node.value):
        item = node.value[int(step)]
        return item, item
    return _member(node, step)


def _member(node: yaml.Node, name: str) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == name:
                return key, value
    return None
