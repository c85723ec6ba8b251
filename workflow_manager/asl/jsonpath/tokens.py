"""What a path is made of, between its text and its closures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from workflow_manager.asl.jsonpath.run import Run
from workflow_manager.kernel.json import Json

Predicate: TypeAlias = Callable[[Json, Run], bool]


@dataclass(frozen=True, slots=True)
class Property:
    """`.a`, `['a']` or `['a','b']`; `quote` is how it was written and how messages show it."""

    names: tuple[str, ...]
    quote: str = "'"

    def __str__(self) -> str:
        return "[" + ",".join(f"{self.quote}{name}{self.quote}" for name in self.names) + "]"


@dataclass(frozen=True, slots=True)
class Indices:
    """`[0]`, `[-1]` or `[0,2]`."""

    indices: tuple[int, ...]

    def __str__(self) -> str:
        return f"[{','.join(map(str, self.indices))}]"


@dataclass(frozen=True, slots=True)
class Slice:
    """`[1:]`, `[:2]` or `[1:2]`; never both open."""

    start: int | None
    stop: int | None

    def __str__(self) -> str:
        start = "" if self.start is None else self.start
        stop = "" if self.stop is None else self.stop
        return f"[{start}:{stop}]"


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`.*` or `[*]`."""

    def __str__(self) -> str:
        return "[*]"


@dataclass(frozen=True, slots=True)
class Scan:
    """`..`: the next token is tried on the value and on everything inside it."""

    def __str__(self) -> str:
        return ".."


@dataclass(frozen=True, slots=True)
class Filter:
    """`[?(…)]`."""

    accepts: Predicate

    def __str__(self) -> str:
        return "[?]"


@dataclass(frozen=True, slots=True)
class Constant:
    """An argument of a function that was written down as JSON."""

    value: Json


@dataclass(frozen=True, slots=True)
class Function:
    """`.sum()`; an argument is a constant, or a path that is read from the root."""

    name: str
    arguments: tuple[Constant | Tokens, ...] = ()

    def __str__(self) -> str:
        return f".{self.name}({'...' if self.arguments else ''})"


Token: TypeAlias = Property | Indices | Slice | Wildcard | Scan | Filter | Function


@dataclass(frozen=True, slots=True)
class Tokens:
    """A whole path; `root` is `$` for the document or `@` for the item that a filter looks at."""

    root: str
    steps: tuple[Token, ...]

    def __str__(self) -> str:
        return self.root + "".join(map(str, self.steps))

    @property
    def definite(self) -> bool:
        """Whether the path leads to at most one value."""
        last = len(self.steps) - 1
        return all(is_definite(token, leaf=at == last) for at, token in enumerate(self.steps))


def is_definite(token: Token, leaf: bool) -> bool:
    """Whether the token leads to at most one value; at the end of a path `['a','b']` is one object."""
    match token:
        case Property(names=names):
            return leaf or len(names) == 1
        case Indices(indices=indices):
            return len(indices) == 1
        case Function():
            return True
        case _:
            return False
