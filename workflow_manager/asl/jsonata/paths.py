"""What `a.b[c].d` does: each step maps every value it is given, and the results are flattened.

A path with `@`, `#` or `%` carries a stream of bindings instead of values: dictionaries that hold the
value under "@" and every bound variable under its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from workflow_manager.asl.jsonata.calls import Compiler, Evaluator, Frame, Run
from workflow_manager.asl.jsonata.selecting import compile_filter, compile_group, compile_sort
from workflow_manager.asl.jsonata.syntax import Node
from workflow_manager.asl.jsonata.values import (
    UNDEFINED,
    ConstructedArray,
    Sequence,
    Value,
    appended,
)

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
                if not isinstance(result, list | str) and index != last:
                    # Of a predicate or a grouping: no array any more, and nothing to be mapped.
                    result = UNDEFINED
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
    sort = compile_sort(node, compiled)

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
    sort = compile_sort(node, compiled)

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
