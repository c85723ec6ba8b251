"""The functions that Step Functions adds to JSONata's own."""

from __future__ import annotations

import hashlib
import uuid as _uuid

from workflow_manager.asl.jsonata.calls import Native, Run
from workflow_manager.asl.jsonata.errors import JsonataError
from workflow_manager.asl.jsonata.values import UNDEFINED, Sequence, Value
from workflow_manager.kernel.json import NotJson, loads

_ALGORITHMS = {
    "MD5": hashlib.md5,
    "SHA-1": hashlib.sha1,
    "SHA-256": hashlib.sha256,
    "SHA-384": hashlib.sha384,
    "SHA-512": hashlib.sha512,
}


def partition(items: Value, size: Value) -> Value:
    """Arrays of `size` items each; the last may be shorter."""
    if items is UNDEFINED or size is UNDEFINED:
        return UNDEFINED
    step = _integer("partition", size)
    if step < 1:
        raise _refused("The second argument of the partition function must be a positive integer")
    return [list(items[at : at + step]) for at in range(0, len(items), step)]


def range_(run: Run, first: Value, last: Value, step: Value) -> Value:
    """From `first` to `last`, which is part of it when a step ends there."""
    if first is UNDEFINED or last is UNDEFINED or step is UNDEFINED:
        return UNDEFINED
    start, end, by = (_integer("range", value) for value in (first, last, step))
    if by == 0:
        raise _refused("The third argument of the range function must not be zero")
    run.spend(max(0, (end - start) // by))
    numbers = range(start, end + (1 if by > 0 else -1), by)
    # Recorded from AWS: a range of one number is that number.
    return Sequence(numbers)


def hash_(text: Value, algorithm: Value) -> Value:
    if text is UNDEFINED or algorithm is UNDEFINED:
        return UNDEFINED
    if algorithm not in _ALGORITHMS:
        raise _refused(f"The hash algorithm must be one of {', '.join(_ALGORITHMS)}, but was: {algorithm}")
    return _ALGORITHMS[algorithm](text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def uuid(run: Run) -> Value:
    return str(_uuid.UUID(int=run.random.getrandbits(128), version=4))


def parse(run: Run, text: Value) -> Value:
    if text is UNDEFINED:
        return UNDEFINED
    run.spend(len(text) >> 3)
    try:
        return loads(text)
    except NotJson as error:
        raise _refused(f"The argument of the parse function is not JSON: {error}") from None


def _integer(function: str, value: int | float) -> int:
    if value != value // 1:
        raise _refused(f"The arguments of the {function} function must be integers")
    return int(value)


def _refused(message: str) -> JsonataError:
    return JsonataError("D3137", message=message)


FUNCTIONS = {
    "partition": Native(partition, "<an:a<a>>"),
    "range": Native(range_, "<nnn:a<n>>"),
    "hash": Native(hash_, "<s-s:s>"),
    "uuid": Native(uuid, "<:s>"),
    "parse": Native(parse, "<s-:x>"),
}
