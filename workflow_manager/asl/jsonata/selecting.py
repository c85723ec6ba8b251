"""What a path does with the values it has come to: `[…]` filters, `{…}` groups and `^(…)` sorts them."""

from __future__ import annotations

import math
from collections.abc import Callable

from workflow_manager.asl.jsonata.calls import Compiler, Evaluator, Frame
from workflow_manager.asl.jsonata.errors import JsonataError
from workflow_manager.asl.jsonata.sorting import merge_sorted
from workflow_manager.asl.jsonata.syntax import Node
from workflow_manager.asl.jsonata.values import (
    UNDEFINED,
    Sequence,
    Value,
    is_number,
    precedes,
    truth,
)


def compile_filter(node: Node, compiled: Compiler) -> Evaluator:
    """`[…]`: a function of the values to filter, not of a context."""
    assert node.expression is not None
    if node.expression.type == "number" and node.expression.predicate is None:
        return _compile_position(math.floor(node.expression.value))
    condition = compiled(node.expression)

    def keep(values: Value, frame: Frame) -> Value:
        items = values if isinstance(values, list) else [values]
        streamed = type(values) is Sequence and values.tuples
        kept = Sequence()
        kept.tuples = streamed
        size = len(items)
        frame.run.spend(size)
        for at, item in enumerate(items):
            if streamed:
                verdict = condition(item["@"], frame.inner(item))
            else:
                verdict = condition(item, frame)
            positions = _positions(verdict)
            if item is UNDEFINED:
                continue
            if positions is None:
                if truth(verdict, frame.run):
                    kept.append(item)
            else:
                frame.run.spend(len(positions))
                kept.extend(item for wanted in positions if _index(wanted, size) == at)
        return kept

    return keep


def _compile_position(position: int) -> Evaluator:
    def pick(values: Value, frame: Frame) -> Value:
        items = values if isinstance(values, list) else [values]
        picked = Sequence()
        picked.tuples = type(values) is Sequence and values.tuples
        at = _index(position, len(items))
        if not 0 <= at < len(items) or items[at] is UNDEFINED:
            return picked
        if isinstance(items[at], list):
            return items[at]
        picked.append(items[at])
        return picked

    return pick


def _positions(verdict: Value) -> list[Value] | None:
    """The numbers that a predicate selects by; None when it says yes or no instead."""
    if isinstance(verdict, list):
        return verdict if all(is_number(item) for item in verdict) else None
    if verdict is True or verdict is False or verdict is UNDEFINED:
        return None
    return [verdict] if is_number(verdict) else None


def _index(position: float, size: int) -> int:
    """Rounded down; negative ones count from the end."""
    at = math.floor(position)
    return at + size if at < 0 else at


def compile_group(node: Node, compiled: Compiler) -> Evaluator:
    """`{key: value}`: a function of the values to group."""
    pairs = [(compiled(key), compiled(value)) for key, value in node.lhs]
    position = node.position

    def collect(values: Value, frame: Frame) -> dict[str, tuple[int, Value]]:
        streamed = type(values) is Sequence and values.tuples
        groups: dict[str, tuple[int, list[Value]]] = {}
        items = values if isinstance(values, list) else [values]
        for item in items or [{"@": UNDEFINED} if streamed else UNDEFINED]:
            scope = frame.inner(item) if streamed else frame
            frame.run.spend(2 * len(pairs))
            for which, (key_of, _) in enumerate(pairs):
                key = key_of(item["@"] if streamed else item, scope)
                if key is UNDEFINED:
                    continue
                if not isinstance(key, str):
                    raise JsonataError("T1003", position, value=key)
                if key not in groups:
                    groups[key] = (which, [item])
                elif groups[key][0] != which:
                    raise JsonataError("D1009", position, value=key)
                else:
                    groups[key][1].append(item)
        return {key: (which, _gathered(found)) for key, (which, found) in groups.items()}

    def group(values: Value, frame: Frame) -> Value:
        streamed = type(values) is Sequence and values.tuples
        result: dict[str, Value] = {}
        for key, (which, data) in collect(values, frame).items():
            context, scope = data, frame
            if streamed:
                bindings = _reduced(data)
                context = bindings.pop("@", UNDEFINED)
                scope = frame.inner(bindings)
            value = pairs[which][1](context, scope)
            if value is not UNDEFINED:
                result[key] = value
        return result

    return group


def _gathered(found: list[Value]) -> Value:
    """What several items with one key make: the only one, or all appended."""
    if len(found) == 1:
        return found[0]
    flat: list[Value] = []
    for item in found:
        if isinstance(item, list):
            flat.extend(item)
        else:
            flat.append(item)
    return flat


def _reduced(bindings: Value) -> dict[str, Value]:
    """Many bindings as one: each variable holds all of its values."""
    if isinstance(bindings, dict):
        return dict(bindings)
    values: dict[str, list[Value]] = {}
    for binding in bindings:
        for name, value in binding.items():
            values.setdefault(name, []).append(value)
    return {name: _gathered(found) for name, found in values.items()}


def compile_sort(node: Node, compiled: Compiler) -> Callable[[list[Value], Frame], list[Value]]:
    terms = [(compiled(term.expression), term.descending) for term in node.terms or ()]
    position = node.position

    def sort(values: list[Value], frame: Frame) -> list[Value]:
        streamed = type(values) is Sequence and values.tuples
        keys: list[list[Value]] = [[] for _ in values]

        def key(at: int, which: int) -> Value:
            """Evaluated once for each item, and a later term only where the earlier ones tie."""
            if which == len(keys[at]):
                frame.run.spend(1)
                item = values[at]
                scope = frame.inner(item) if streamed else frame
                keys[at].append(terms[which][0](item["@"] if streamed else item, scope))
            return keys[at][which]

        def is_after(left: int, right: int) -> bool:
            for which, (_, descending) in enumerate(terms):
                order = _order(key(left, which), key(right, which), descending, position)
                if order:
                    return order > 0
            return False

        ordered = Sequence(values[at] for at in merge_sorted(list(range(len(values))), is_after))
        ordered.tuples = streamed
        return ordered

    return sort


def _order(left: Value, right: Value, descending: bool, position: int) -> int:
    """What is not there comes last, in either direction."""
    if left is UNDEFINED or right is UNDEFINED:
        return (left is UNDEFINED) - (right is UNDEFINED)
    for value in (left, right):
        if not isinstance(value, str) and not is_number(value):
            raise JsonataError("T2008", position, value=value)
    if isinstance(left, str) is not isinstance(right, str):
        raise JsonataError("T2007", position, value=left, value2=right)
    if left == right:
        return 0
    return -1 if precedes(left, right) is not descending else 1
