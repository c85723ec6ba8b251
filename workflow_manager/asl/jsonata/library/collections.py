"""Functions on arrays and objects, and those that call a function for each of their members."""

from __future__ import annotations

from typing import Any

from workflow_manager.asl.jsonata.calls import Native, Run, apply, apply_callback
from workflow_manager.asl.jsonata.errors import JsonataError
from workflow_manager.asl.jsonata.paths import lookup
from workflow_manager.asl.jsonata.sorting import merge_sorted
from workflow_manager.asl.jsonata.values import (
    UNDEFINED,
    Function,
    Sequence,
    Value,
    appended,
    equal,
    is_number,
    precedes,
    truth,
    type_name,
)


def count(items: Value) -> Value:
    return 0 if items is UNDEFINED else len(items)


def map_(run: Run, items: Value, function: Value) -> Value:
    if items is UNDEFINED:
        return UNDEFINED
    results = Sequence()
    for index, item in enumerate(items):
        result = apply_callback(run, function, item, index, items)
        if result is not UNDEFINED:
            results.append(result)
    return results


def filter_(run: Run, items: Value, function: Value) -> Value:
    if items is UNDEFINED:
        return UNDEFINED
    return Sequence(
        item
        for index, item in enumerate(items)
        if truth(apply_callback(run, function, item, index, items), run)
    )


def single(run: Run, items: Value, function: Value) -> Value:
    """The only item that satisfies the function, or the only one."""
    if items is UNDEFINED:
        return UNDEFINED
    found: Value = UNDEFINED
    matched = False
    for index, item in enumerate(items):
        if function is not UNDEFINED and not truth(apply_callback(run, function, item, index, items), run):
            continue
        if matched:
            raise JsonataError("D3138", index=index)
        found, matched = item, True
    if not matched:
        raise JsonataError("D3139")
    return found


def reduce(run: Run, items: Value, function: Value, initial: Value) -> Value:
    if items is UNDEFINED:
        return UNDEFINED
    if function.arity < 2:
        raise JsonataError("D3050", index=1)
    result, start = initial, 0
    if initial is UNDEFINED and items:
        result, start = items[0], 1
    for index in range(start, len(items)):
        result = apply_callback(run, function, result, items[index], index, items)
    return result


def zip_(run: Run, *arrays: Value) -> Value:
    if any(array is UNDEFINED for array in arrays):
        return []
    rows = [list(row) for row in zip(*arrays, strict=False)]
    run.spend(len(rows) * len(arrays))
    return rows


def append(run: Run, first: Value, second: Value) -> Value:
    result = appended(first, second)
    if isinstance(result, list):
        run.spend(len(result) >> 2)
    return result


def reverse(items: Value) -> Value:
    return items if items is UNDEFINED or len(items) < 2 else items[::-1]


def shuffle(run: Run, items: Value) -> Value:
    if items is UNDEFINED or len(items) < 2:
        return items
    shuffled = list(items)
    run.random.shuffle(shuffled)
    return shuffled


def distinct(run: Run, items: Value) -> Value:
    """The first of all items that are deeply equal."""
    if not isinstance(items, list) or len(items) < 2:
        return items
    seen: set[Any] = set()
    compound: list[Value] = []
    kept: list[Value] = Sequence() if type(items) is Sequence else []
    for item in items:
        if isinstance(item, list | dict):
            run.spend(len(compound))
            if any(equal(item, other, run) for other in compound):
                continue
            compound.append(item)
        elif (key := (isinstance(item, bool), item)) in seen:
            continue
        else:
            seen.add(key)
        kept.append(item)
    return kept


def sort(run: Run, items: Value, function: Value) -> Value:
    """Stable.  The function says whether its first argument belongs after its second."""
    if items is UNDEFINED or len(items) < 2:
        return items
    if function is not UNDEFINED:
        return merge_sorted(list(items), lambda a, b: _says_yes(apply(run, function, [a, b])))
    if not (all(isinstance(item, str) for item in items) or all(is_number(item) for item in items)):
        raise JsonataError("D3070", index=1)
    run.spend(len(items) * 4)
    return merge_sorted(list(items), lambda a, b: precedes(b, a))


def _says_yes(verdict: Value) -> bool:
    """As JavaScript has it, unlike a condition: arrays and objects do, even empty ones."""
    return isinstance(verdict, list | dict | Function) or verdict not in (UNDEFINED, None, False, 0, "")


def keys(run: Run, value: Value) -> Value:
    """Of an array, all keys of its objects, each once."""
    if isinstance(value, list):
        found: dict[str, None] = {}
        for item in value:
            found.update(dict.fromkeys(keys(run, item)))
        return Sequence(found)
    if isinstance(value, dict):
        run.spend(len(value))
        return Sequence(value)
    return Sequence()


def lookup_(value: Value, key: Value) -> Value:
    return lookup(value, key)


def spread(run: Run, value: Value) -> Value:
    if isinstance(value, list):
        parts: list[Value] = []
        for item in value:
            part = spread(run, item)
            if isinstance(part, list):
                parts.extend(part)
            elif part is not UNDEFINED:
                parts.append(part)
        return parts if value else UNDEFINED
    if isinstance(value, dict):
        run.spend(2 * len(value))
        return Sequence({key: member} for key, member in value.items())
    return value


def merge(run: Run, objects: Value) -> Value:
    if objects is UNDEFINED:
        return UNDEFINED
    merged: dict[str, Value] = {}
    for each in objects:
        run.spend(len(each))
        merged.update(each)
    return merged


def each(run: Run, value: Value, function: Value) -> Value:
    if value is UNDEFINED:
        return UNDEFINED
    results = Sequence()
    for key, member in value.items():
        result = apply_callback(run, function, member, key, value)
        if result is not UNDEFINED:
            results.append(result)
    return results


def sift(run: Run, value: Value, function: Value) -> Value:
    if value is UNDEFINED:
        return UNDEFINED
    kept = {
        key: member
        for key, member in value.items()
        if truth(apply_callback(run, function, member, key, value), run)
    }
    return kept or UNDEFINED


def clone(run: Run, value: Value) -> Value:
    """A deep copy, which a transformation may change."""
    run.spend(2)
    if type(value) is Sequence and value.wrapper and value:
        value = value[0]
    if isinstance(value, list):
        return [clone(run, item) for item in value]
    if isinstance(value, dict):
        return {key: clone(run, member) for key, member in value.items()}
    return "" if isinstance(value, Function) else value


def exists(value: Value) -> Value:
    return value is not UNDEFINED


def boolean(run: Run, value: Value) -> Value:
    return UNDEFINED if value is UNDEFINED else _truth_of_argument(value, run)


def not_(run: Run, value: Value) -> Value:
    return UNDEFINED if value is UNDEFINED else not _truth_of_argument(value, run)


def _truth_of_argument(value: Value, run: Run) -> bool:
    """As the reference has it: a function counts as true in a condition, but not as an argument."""
    return not isinstance(value, Function) and truth(value, run)


def type_(value: Value) -> Value:
    if value is UNDEFINED:
        return UNDEFINED
    return "function" if isinstance(value, Function) else type_name(value)


def error(message: Value) -> Value:
    raise JsonataError("D3137", message="$error() function evaluated" if message is UNDEFINED else message)


def assert_(condition: Value, message: Value) -> Value:
    if not condition or condition is UNDEFINED:
        raise JsonataError("D3141", message="$assert() statement failed" if message is UNDEFINED else message)
    return UNDEFINED


FUNCTIONS = {
    "count": Native(count, "<a:n>"),
    "map": Native(map_, "<af>"),
    "filter": Native(filter_, "<af>"),
    "single": Native(single, "<af?>"),
    "reduce": Native(reduce, "<afj?:j>"),
    "zip": Native(zip_, "<a+>"),
    "append": Native(append, "<xx:a>"),
    "reverse": Native(reverse, "<a:a>"),
    "shuffle": Native(shuffle, "<a:a>"),
    "distinct": Native(distinct, "<x:x>"),
    "sort": Native(sort, "<af?:a>"),
    "keys": Native(keys, "<x-:a<s>>"),
    "lookup": Native(lookup_, "<x-s:x>"),
    "spread": Native(spread, "<x-:a<o>>"),
    "merge": Native(merge, "<a<o>:o>"),
    "each": Native(each, "<o-f:a>"),
    "sift": Native(sift, "<o-f?:o>"),
    "clone": Native(clone, "<(oa)-:o>"),
    "exists": Native(exists, "<x:b>"),
    "boolean": Native(boolean, "<x-:b>"),
    "not": Native(not_, "<x-:b>"),
    "type": Native(type_, "<x:s>"),
    "error": Native(error, "<s?:x>"),
    "assert": Native(assert_, "<bs?:x>"),
}
