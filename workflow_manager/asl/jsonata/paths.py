"""What `a.b[c].d` does: each step maps every value it is given, and the results are flattened.

A path with `@`, `#` or `%` carries a stream of bindings instead of values: dictionaries that hold the
value under "@" and every bound variable under its name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TypeAlias

from workflow_manager.asl.jsonata.calls import Evaluator, Frame, Run
from workflow_manager.asl.jsonata.errors import JsonataError
from workflow_manager.asl.jsonata.sorting import merge_sorted
from workflow_manager.asl.jsonata.syntax import Node
from workflow_manager.asl.jsonata.values import (
    UNDEFINED,
    ConstructedArray,
    Sequence,
    Value,
    appended,
    is_number,
    precedes,
    truth,
)

Compiler: TypeAlias = Callable[[Node], Evaluator]
_Step: TypeAlias = Callable[[list[Value], Frame, bool], Value]  # True at the last step
_TupleStep: TypeAlias = Callable[[list[Value], "list[Value] | None", Frame], list[Value]]


def lookup(value: Value, name: str) -> Value:
    """A member by its name; of an array, the members of its items."""
    if isinstance(value, dict):
        return value.get(name, UNDEFINED)
    if not isinstance(value, list):
        return UNDEFINED
    found = Sequence()
    for item in value:
        member = lookup(item, name)
        if isinstance(member, list):
            found.extend(member)
        elif member is not UNDEFINED:
            found.append(member)
    return found


def members(value: Value, run: Run) -> Value:
    """`*`: the values of an object, arrays among them flattened."""
    if type(value) is Sequence and value.wrapper and value:
        value = value[0]
    found: list[Value] = Sequence()
    items: Iterable[Value] = ()
    if isinstance(value, dict):
        items = value.values()
    elif isinstance(value, list):
        items = value
    for item in items:
        run.spend(1)
        if isinstance(item, list):
            flat: list[Value] = []
            _flatten(item, flat, run)
            found = appended(found, flat)
        else:
            found.append(item)
    return found


def _flatten(value: Value, flat: list[Value], run: Run) -> None:
    run.spend(1)
    if isinstance(value, list):
        for item in value:
            _flatten(item, flat, run)
    else:
        flat.append(value)


def collect_descendants(value: Value, found: list[Value], run: Run) -> None:
    """`**`: the value and everything inside of it, arrays themselves left out."""
    run.spend(1)
    if isinstance(value, list):
        for item in value:
            collect_descendants(item, found, run)
        return
    found.append(value)
    if isinstance(value, dict):
        for item in value.values():
            collect_descendants(item, found, run)


def compile_path(node: Node, compiled: Compiler) -> Evaluator:
    """The evaluator of a path; the shortest way for a variable followed by plain names."""
    general = _compile_general_path(node, compiled)
    names = _plain_names(node)
    if names is None:
        return general
    variable, *rest = names

    def walk(context: Value, frame: Frame) -> Value:
        value = frame.lookup(variable)
        for name in rest:
            if type(value) is not dict:
                # Arrays are mapped over, which is the general path's work.
                return general(context, frame) if isinstance(value, list) else UNDEFINED
            value = value.get(name, UNDEFINED)
        return general(context, frame) if type(value) is Sequence else value

    return walk


def _plain_names(node: Node) -> list[str] | None:
    """The variable and the names of a path that consists of nothing else."""
    steps = node.steps or []
    plain = (
        len(steps) > 1
        and steps[0].type == "variable"
        and steps[0].value != ""
        and all(step.type == "name" for step in steps[1:])
        and not any(step.stages or step.predicate or step.group or step.tuple for step in steps)
        and not node.keep_singleton_array
        and node.group is None
    )
    return [step.value for step in steps] if plain else None


def _compile_general_path(node: Node, compiled: Compiler) -> Evaluator:
    steps = node.steps or []
    first_is_variable = steps[0].type == "variable"
    first_is_array = steps[0].construct_array
    tuples_from = next((index for index, step in enumerate(steps) if step.tuple), len(steps))
    plain = [_compile_step(step, compiled) for step in steps[:tuples_from]]
    opening = compiled(steps[0]) if first_is_array else None
    streamed = [_compile_tuple_step(step, compiled) for step in steps[tuples_from:]]
    group = compile_group(node.group, compiled) if node.group is not None else None
    last = len(steps) - 1

    def evaluate(context: Value, frame: Frame) -> Value:
        mapped = isinstance(context, list) and not first_is_variable
        values: Value = context if mapped else Sequence([context])
        result: Value = UNDEFINED
        for index, step in enumerate(plain):
            if index == 0 and opening is not None:
                result = opening(values, frame)
            else:
                result = step(values, frame, index == last)
            if result is UNDEFINED or len(result) == 0:
                break
            values = result
        else:
            if streamed:
                result = _stream(streamed, values, frame, opening if not plain else None)
                if not node.tuple and group is None:
                    result = Sequence(binding["@"] for binding in result)
        if node.keep_singleton_array and isinstance(result, list):
            if type(result) is ConstructedArray:
                result = Sequence([result])
            if type(result) is Sequence:
                result.keep_singleton = True
        return group(result, frame) if group is not None else result

    return evaluate


def _stream(
    steps: list[_TupleStep],
    values: list[Value],
    frame: Frame,
    opening: Evaluator | None,
) -> Sequence:
    bindings: list[Value] | None = None
    if opening is not None:
        values = opening(values, frame)
        steps = steps[1:]
    for step in steps:
        bindings = step(values, bindings, frame)
    return _tuples(bindings or [])


def _tuples(bindings: Iterable[Value]) -> Sequence:
    stream = Sequence(bindings)
    stream.tuples = True
    return stream


def _compile_step(node: Node, compiled: Compiler) -> _Step:
    stages = [compile_filter(stage, compiled) for stage in node.stages or () if stage.type == "filter"]
    if node.type == "sort":
        return _compile_sort_step(node, stages, compiled)
    if node.type == "name" and not stages and node.group is None and not node.keep_array:
        return _compile_name_step(node.value)
    evaluate = compiled(node)

    def step(values: list[Value], frame: Frame, is_last: bool) -> Value:
        frame.run.spend(len(values))
        results: list[Value] = []
        for item in values:
            result = evaluate(item, frame)
            for keep in stages:
                result = keep(result, frame)
            if result is not UNDEFINED:
                results.append(result)
        return _flattened(results, is_last, frame.run)

    return step


def _compile_name_step(name: str) -> _Step:
    def step(values: list[Value], frame: Frame, is_last: bool) -> Value:
        frame.run.spend(len(values))
        results: list[Value] = []
        for item in values:
            result = item.get(name, UNDEFINED) if type(item) is dict else _named(item, name)
            if result is not UNDEFINED:
                results.append(result)
        return _flattened(results, is_last, frame.run)

    return step


def _named(item: Value, name: str) -> Value:
    found = lookup(item, name)
    if type(found) is Sequence and len(found) < 2:
        return found[0] if found else UNDEFINED
    return found


def _flattened(results: list[Value], is_last: bool, run: Run) -> Value:
    if is_last and len(results) == 1 and isinstance(results[0], list) and type(results[0]) is not Sequence:
        return results[0]
    flat = Sequence()
    for result in results:
        if isinstance(result, list) and type(result) is not ConstructedArray:
            run.spend(len(result))
            flat.extend(result)
        else:
            flat.append(result)
    return flat


def _compile_sort_step(node: Node, stages: list[Evaluator], compiled: Compiler) -> _Step:
    sort = _compile_sort(node, compiled)

    def step(values: list[Value], frame: Frame, is_last: bool) -> Value:
        result: Value = sort(values, frame)
        for keep in stages:
            result = keep(result, frame)
        return result

    return step


def _compile_tuple_step(node: Node, compiled: Compiler) -> _TupleStep:
    stages = [_compile_stage(stage, compiled) for stage in node.stages or ()]
    sorts = node.type == "sort"
    expand = _compile_tuple_sort(node, compiled) if sorts else _compile_expansion(node, compiled)

    def step(values: list[Value], bindings: list[Value] | None, frame: Frame) -> list[Value]:
        stream: list[Value] = expand(values, bindings, frame)
        for stage in stages:
            stream = stage(stream, frame)
        return stream

    return step


def _compile_stage(stage: Node, compiled: Compiler) -> Callable[[list[Value], Frame], list[Value]]:
    if stage.type == "filter":
        keep = compile_filter(stage, compiled)
        return lambda stream, frame: keep(stream, frame)
    name = stage.value
    return lambda stream, frame: _tuples({**binding, name: index} for index, binding in enumerate(stream))


def _compile_tuple_sort(node: Node, compiled: Compiler) -> _TupleStep:
    sort = _compile_sort(node, compiled)

    def step(values: list[Value], bindings: list[Value] | None, frame: Frame) -> list[Value]:
        if bindings is not None:
            return sort(bindings, frame)
        ordered = enumerate(sort(values, frame))
        return _tuples({"@": item, **({node.index: at} if node.index else {})} for at, item in ordered)

    return step


def _compile_expansion(node: Node, compiled: Compiler) -> _TupleStep:
    evaluate = compiled(node)
    ancestor = node.ancestor

    def bind(binding: dict[str, Value], value: Value, at: int, nested: bool) -> dict[str, Value]:
        bound = dict(binding)
        if nested:
            bound.update(value)
            return bound
        if node.focus is not None:
            bound[node.focus] = value
        else:
            bound["@"] = value
        if node.index is not None:
            bound[node.index] = at
        if ancestor is not None:
            bound[ancestor.label] = binding["@"]
        return bound

    def step(values: list[Value], bindings: list[Value] | None, frame: Frame) -> list[Value]:
        stream = _tuples(())
        for binding in [{"@": item} for item in values] if bindings is None else bindings:
            result = evaluate(binding["@"], frame.inner(binding))
            if result is UNDEFINED:
                continue
            nested = type(result) is Sequence and result.tuples
            items = result if isinstance(result, list) else [result]
            frame.run.spend(4 * len(items) + 1)
            stream.extend(bind(binding, item, at, nested) for at, item in enumerate(items))
        return stream

    return step


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


def _compile_sort(node: Node, compiled: Compiler) -> Callable[[list[Value], Frame], list[Value]]:
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
