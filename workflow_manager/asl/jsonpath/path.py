"""A compiled path."""

from __future__ import annotations

from typing import Any, Final

from workflow_manager.asl.jsonpath.errors import Inapplicable, InvalidPath
from workflow_manager.asl.jsonpath.evaluation import Reader, reader
from workflow_manager.asl.jsonpath.filters import parse_filter
from workflow_manager.asl.jsonpath.parser import parse_path
from workflow_manager.asl.jsonpath.run import Budget, Run
from workflow_manager.asl.jsonpath.tokens import Indices, Property, Tokens
from workflow_manager.kernel.json import Json

_member: Final = dict.__getitem__
_element: Final = list.__getitem__


class Path:
    """Reads one place, or a list of places, of a document.

    `tokens` tells what the path is made of; `str(path)` is Jayway's own spelling of it.
    """

    __slots__ = ("_read", "_straight", "definite", "text", "tokens")

    def __init__(self, text: str, tokens: Tokens) -> None:
        self.text = text
        self.tokens = tokens
        self.definite = tokens.definite
        self._straight = _straight(tokens)
        # Most paths never need it, and making it costs more than all the rest.
        self._read: Reader | None = None

    def read(self, document: Json) -> Json:
        """What the document has there; always a list for an indefinite path.

        Raises `PathNotFound`, or `InvalidPath` where the path cannot be applied to the document; the
        texts are Jayway's.
        """
        if self._straight is not None:
            value: Any = document
            try:
                for get, key in self._straight:
                    value = get(value, key)
            except (LookupError, TypeError):
                pass  # Below, the same steps say what was missing.
            else:
                return value  # type: ignore[no-any-return]
        if self._read is None:
            self._read = reader(self.tokens)
        try:
            return self._read(document, Run(document, Budget()))
        except RecursionError:
            raise Inapplicable("The document is nested too deeply") from None

    def __str__(self) -> str:
        return str(self.tokens)

    def __repr__(self) -> str:
        return f"Path({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Path) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


def _straight(tokens: Tokens) -> tuple[tuple[Any, Any], ...] | None:
    """Members and elements only: how nearly every path in a definition looks, and ten times as fast."""
    steps: list[tuple[Any, Any]] = []
    for token in tokens.steps:
        match token:
            case Property(names=(name,)):
                steps.append((_member, name))
            case Indices(indices=(index,)):
                steps.append((_element, index))
            case _:
                return None
    return tuple(steps)


def compile_path(text: str) -> Path:
    """Raises `InvalidPath`, in Jayway's words."""
    try:
        return Path(text, parse_path(text, parse_filter))
    except RecursionError:
        raise InvalidPath("The path is nested too deeply") from None
