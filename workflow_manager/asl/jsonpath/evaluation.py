"""Tokens to closures.

Each token becomes a function of a value and a run; it hands what it finds to the function of the
next token, and the last one keeps what arrives.  What a token's failure says depends only on the
tokens before it: as long as those are definite the place is known beforehand, and below an
indefinite one a value that does not fit is passed over in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from workflow_manager.asl.java_values import class_name, provider_text
from workflow_manager.asl.jsonpath.errors import Inapplicable, InvalidPath, OutOfBounds, PathNotFound
from workflow_manager.asl.jsonpath.functions import FUNCTIONS
from workflow_manager.asl.jsonpath.run import Run
from workflow_manager.asl.jsonpath.tokens import (
    Constant,
    Filter,
    Function,
    Indices,
    Predicate,
    Property,
    Scan,
    Slice,
    Token,
    Tokens,
    Wildcard,
    is_definite,
)
from workflow_manager.kernel.json import Json

Step: TypeAlias = Callable[[Json, Run], None]
Reader: TypeAlias = Callable[[Json, Run], Json]

_PROVIDER = "com.jayway.jsonpath.spi.json.JsonSmartJsonProvider"


def reader(tokens: Tokens, definite: bool | None = None) -> Reader:
    """A function that reads the path from a value.

    The run it is given lends its root, its strictness and its budget.
    """
    if definite is None:
        definite = tokens.definite
    first = _first_step(tokens)

    def read(value: Json, outer: Run) -> Json:
        run = Run(outer.root, outer.budget, outer.strict)
        first(value, run)
        if not definite:
            return run.results
        if not run.results:
            raise PathNotFound(f"No results for path: {tokens}")
        return run.results[-1]

    return read


def _first_step(tokens: Tokens) -> Step:
    step: Step = _keep
    after: Step = _keep
    for at in reversed(range(len(tokens.steps))):
        place = _Place(tokens, at)
        step, after = _step(place, step, after), step
    return step


def _keep(value: Json, run: Run) -> None:
    run.results.append(value)


class _Place:
    """Where a token stands: its number, what comes before it, and whether it is the last."""

    __slots__ = ("at", "definite", "leaf", "scanned", "token", "tokens")

    def __init__(self, tokens: Tokens, at: int) -> None:
        before = tokens.steps[:at]
        self.tokens = tokens
        self.at = at
        self.token: Token = tokens.steps[at]
        self.leaf = at == len(tokens.steps) - 1
        self.definite = all(is_definite(token, leaf=False) for token in before)
        # The step that a scan drives element by element has set `scan_indices` for this one.
        self.scanned = (
            at >= 2 and isinstance(before[at - 2], Scan) and not isinstance(before[at - 1], Property)
        )

    @property
    def path(self) -> str:
        """The way here as messages show it, where a function leaves no trace."""
        return self.tokens.root + "".join(
            str(Property(token.names)) if isinstance(token, Property) else str(token)
            for token in self.tokens.steps[: self.at]
            if not isinstance(token, Function)
        )

    @property
    def rest(self) -> str:
        """From here on."""
        return "".join(map(str, self.tokens.steps[self.at :]))


def _step(place: _Place, follow: Step, after: Step) -> Step:
    match place.token:
        case Property(names=names) if len(names) == 1:
            return _property(place, names[0], follow)
        case Property(names=names) if place.leaf:
            return _projection(place, names)
        case Property(names=names):
            return _each_property(place, [_property(place, name, follow) for name in names])
        case Indices(indices=indices):
            return _elements(place, lambda length: indices, follow)
        case Slice(start=start, stop=stop):
            return _elements(place, lambda length: _slice_indices(start, stop, length), follow)
        case Wildcard():
            return _wildcard(place, follow)
        case Filter(accepts=accepts):
            return _filter(place, accepts, follow)
        case Scan():
            return _scan(place, follow, after)
        case Function() as function:
            return _function(place, function, follow)


def _property(place: _Place, name: str, follow: Step) -> Step:
    follow = _leaf(place, follow)
    single = isinstance(place.token, Property) and len(place.token.names) == 1
    must_exist = place.definite and single
    leaf = place.leaf

    def step(value: Json, run: Run) -> None:
        if not isinstance(value, dict):
            _expect_object(place, value)
        elif name in value:
            follow(value[name], run)
        elif run.strict or (must_exist and not leaf):
            raise PathNotFound(f"Missing property in path {place.path}['{name}']")

    return step


def _leaf(place: _Place, follow: Step) -> Step:
    """Jayway keeps a scanned member only where the step before names the element it came from."""
    if not (place.leaf and place.scanned):
        return follow
    at, before = place.at, str(place.tokens.steps[place.at - 1])

    def step(value: Json, run: Run) -> None:
        index = run.scan_indices.get(at, -1)
        if index == -1 or before == f"[{index}]":
            follow(value, run)

    return step


def _expect_object(place: _Place, value: Json) -> None:
    if place.definite:
        raise PathNotFound(
            f"Expected to find an object with property {place.token} in path {place.path} but found"
            f" '{class_name(value)}'. This is not a json object according to the JsonProvider: '{_PROVIDER}'."
        )


def _projection(place: _Place, names: tuple[str, ...]) -> Step:
    def step(value: Json, run: Run) -> None:
        if not isinstance(value, dict):
            _expect_object(place, value)
        elif run.strict and not all(name in value for name in names):
            raise PathNotFound(f"Missing property in path {place.path}{place.token}")
        else:
            run.results.append({name: value[name] for name in names if name in value})

    return step


def _each_property(place: _Place, steps: list[Step]) -> Step:
    def step(value: Json, run: Run) -> None:
        if isinstance(value, dict):
            run.budget.spend(len(steps))
            for each in steps:
                each(value, run)
        else:
            _expect_object(place, value)

    return step


def _elements(place: _Place, choose: Callable[[int], Iterable[int]], follow: Step) -> Step:
    def step(value: Json, run: Run) -> None:
        if isinstance(value, list):
            length = len(value)
            chosen = [index + length if index < 0 else index for index in choose(length)]
            _follow_each([value[index] for index in chosen if 0 <= index < length], follow, run)
        else:
            _expect_list(place, value)

    return step


def _follow_each(items: list[Json], follow: Step, run: Run) -> None:
    run.budget.spend(len(items))
    for item in items:
        try:
            follow(item, run)
        except OutOfBounds:
            continue


def _expect_list(place: _Place, value: Json) -> None:
    if not place.definite:
        return
    if value is None:
        raise PathNotFound(f"The path {place.path} is null")
    raise PathNotFound(
        f"Filter: {place.rest} can only be applied to arrays. Current context is: {provider_text(value)}"
    )


def _slice_indices(start: int | None, stop: int | None, length: int) -> range:
    """With both ends given a negative start is not counted from the end until it is used:
    `[-2:3]` of six elements gives 4, 5, 0, 1, 2."""
    if stop is None:
        assert start is not None
        return range(max(0, start + length if start < 0 else start), length)
    if start is None:
        return range(min(length, stop + length if stop < 0 else stop))
    return range(max(start, -length), min(length, stop))


def _wildcard(place: _Place, follow: Step) -> Step:
    member = _leaf(place, follow)

    def step(value: Json, run: Run) -> None:
        try:
            if isinstance(value, dict):
                run.budget.spend(len(value))
                for item in value.values():
                    _tolerant(member, item, run)
            elif isinstance(value, list):
                run.budget.spend(len(value))
                for item in value:
                    _tolerant(follow, item, run)
        except OutOfBounds:
            return

    return step


def _tolerant(follow: Step, item: Json, run: Run) -> None:
    try:
        follow(item, run)
    except PathNotFound:
        if run.strict:
            raise


def _filter(place: _Place, accepts: Predicate, follow: Step) -> Step:
    def step(value: Json, run: Run) -> None:
        if isinstance(value, dict):
            if _accepts(accepts, value, run):
                follow(value, run)
        elif isinstance(value, list):
            _follow_each([item for item in value if _accepts(accepts, item, run)], follow, run)
        elif place.definite:
            raise InvalidPath(
                f"Filter: {place.rest} can not be applied to primitives."
                f" Current context is: {provider_text(value)}"
            )

    return step


def _accepts(accepts: Predicate, item: Json, run: Run) -> bool:
    run.budget.spend(1)
    try:
        return accepts(item, run)
    except Inapplicable:
        raise
    except InvalidPath:
        return False


def _scan(place: _Place, follow: Step, after: Step) -> Step:
    """Tries the next token on every object and list; a list's elements go to the token after that."""
    at = place.at + 1
    if at == len(place.tokens.steps):
        return _nothing_to_scan_for
    target = place.tokens.steps[at]
    leaf = at == len(place.tokens.steps) - 1
    matches = _scan_predicate(target, leaf)

    def step(value: Json, run: Run) -> None:
        for inner in _containers(value, run):
            if not matches(inner, run):
                continue
            if leaf or isinstance(inner, dict):
                follow(inner, run)
                continue
            for index, item in enumerate(inner):
                run.scan_indices[at + 1] = index
                after(item, run)

    return step


def _nothing_to_scan_for(value: Json, run: Run) -> None:
    raise Inapplicable("Current path token is a leaf")


def _scan_predicate(target: Token, leaf: bool) -> Predicate:
    match target:
        case Property(names=names) if leaf or len(names) == 1:
            return lambda value, run: isinstance(value, dict) and all(name in value for name in names)
        case Property():
            return lambda value, run: isinstance(value, dict)
        case Indices() | Slice():
            return lambda value, run: isinstance(value, list)
        case Wildcard():
            return lambda value, run: True
        case Filter(accepts=accepts):
            return lambda value, run: _accepts(accepts, value, run)
        case _:
            return lambda value, run: False


def _containers(value: Json, run: Run) -> Iterator[dict[str, Json] | list[Json]]:
    """The value and everything inside it that is an object or a list, each before what it holds."""
    waiting = [value]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, dict):
            yield inner
            run.budget.spend(len(inner))
            waiting.extend(reversed(inner.values()))
        elif isinstance(inner, list):
            yield inner
            run.budget.spend(len(inner))
            waiting.extend(reversed(inner))


def _function(place: _Place, function: Function, follow: Step) -> Step:
    invoke = FUNCTIONS.get(function.name)
    arguments = _argument_readers(function)

    def step(value: Json, run: Run) -> None:
        if invoke is None:
            raise InvalidPath(f"Function with name: {function.name} does not exist.")
        run.budget.spend(len(value) if isinstance(value, list) else 1)
        result = invoke(value, [argument(run.root, run) for argument in arguments])
        run.results.append(result)
        if not place.leaf:
            follow(result, run)

    return step


def _argument_readers(function: Function) -> list[Reader]:
    counts = function.name in ("length", "size")
    readers: list[Reader] = []
    for argument in function.arguments:
        match argument:
            case Constant(value=value):
                readers.append(_constant(value))
            case Tokens(steps=(*_, Property() | Indices() | Slice() | Wildcard() | Filter())) if (
                counts and not readers
            ):
                # `$..a.length()` counts what is inside the things found, not the things.
                inside = Tokens(argument.root, (*argument.steps, Wildcard()))
                readers.append(reader(inside, argument.definite))
            case Tokens():
                readers.append(reader(argument))
    return readers


def _constant(value: Json) -> Reader:
    return lambda root, run: value
