"""A JSONata expression as a field of a state holds it: compiled once, evaluated any number of times."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

from workflow_manager.asl.environment import Environment
from workflow_manager.asl.failure import QUERY_EVALUATION_ERROR, EvaluationFailed
from workflow_manager.asl.jsonata.calls import Evaluator, Frame, Run
from workflow_manager.asl.jsonata.compilation import compile_node
from workflow_manager.asl.jsonata.errors import JsonataError, too_deep
from workflow_manager.asl.jsonata.library import LIBRARY
from workflow_manager.asl.jsonata.references import References, references
from workflow_manager.asl.jsonata.rewriting import rewrite
from workflow_manager.asl.jsonata.syntax import Node, parse
from workflow_manager.asl.jsonata.values import UNDEFINED, Function, Sequence, Undefined, Value, type_name
from workflow_manager.kernel.json import ABSENT, Json, dumps

# What one evaluation may use, in values visited or made; about a second of work.
BUDGET: Final = 2_500_000


class InvalidJsonata(ValueError):
    """The text is not an expression that Step Functions accepts; `problems` says why, in its order."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class JsonataExpression:
    """An `Expression`.  `text` is the part between `{%` and `%}`, `location` the field as AWS names it.

    `variables` are the workflow variables it reads; `states_members` the members of `$states`.
    """

    text: str
    location: str
    variables: frozenset[str]
    states_members: frozenset[str]
    _evaluate: Evaluator = field(repr=False, compare=False)

    def evaluate(self, env: Environment) -> Json:
        """Raises `EvaluationFailed`, also where the result is undefined or holds a function."""
        states: dict[str, Value] = {"input": env.input, "context": dict(env.context)}
        if env.result is not ABSENT:
            states["result"] = env.result
        if env.error_output is not ABSENT:
            states["errorOutput"] = env.error_output
        run = Run(env.now, env.random, BUDGET)
        try:
            result = evaluated(self._evaluate, run, UNDEFINED, {**env.variables, "states": states})
        except JsonataError as error:
            raise self.failed(f"threw an error during evaluation. {error}") from None
        except _Unsupported:
            raise self.failed("returned an unsupported result type.") from None
        if result is UNDEFINED:
            raise self.failed("returned nothing (undefined).")
        return result

    def mismatch(self, expected: str, value: Json) -> EvaluationFailed:
        """The failure of a field whose value has the wrong type.  `expected`: a JSON type's name."""
        return self.failed(
            f"returned an unexpected result type. Expected '{expected}', but was '{type_name(value)}'"
            f" for value: {dumps(value)}"
        )

    def failed(self, what: str) -> EvaluationFailed:
        """A failure that names the expression and the field: `what` continues the sentence."""
        cause = f"The JSONata expression '{self.text}' specified for the field '{self.location}' {what}"
        return EvaluationFailed(QUERY_EVALUATION_ERROR, cause, self.location)


def compile_jsonata(text: str, location: str = "") -> JsonataExpression:
    """Raises `InvalidJsonata`."""
    text = text.strip()
    tree, evaluate = compiled(text)
    found = _found(tree)
    if found.problems:
        raise InvalidJsonata(found.problems)
    return JsonataExpression(
        text, location, frozenset(found.variables), frozenset(found.states_members), evaluate
    )


def variables(text: str) -> frozenset[str]:
    """The workflow variables that an expression reads.  Raises `InvalidJsonata` for a syntax error."""
    return frozenset(_found(compiled(text)[0]).variables)


def _found(tree: Node) -> References:
    try:
        return references(tree)
    except RecursionError:
        raise InvalidJsonata([str(too_deep())]) from None


def compiled(text: str) -> tuple[Node, Evaluator]:
    """Any JSONata, whether Step Functions accepts it or not.  Raises `InvalidJsonata`."""
    try:
        tree = rewrite(parse(text))
        return tree, compile_node(tree)
    except JsonataError as error:
        raise InvalidJsonata([str(error)]) from None
    except RecursionError:
        raise InvalidJsonata([str(too_deep())]) from None


def evaluated(evaluate: Evaluator, run: Run, document: Value, bindings: dict[str, Value]) -> Json | Undefined:
    """The result as JSON.  `document` is the input that `$` and `$$` mean, where there is one.

    Raises `JsonataError`, and `_Unsupported` for a result that holds a function.
    """
    root = Frame({"$": document, **bindings}, Frame(_LIBRARY, None, run), run)
    if type(document) is list:
        document = Sequence([document])
        document.wrapper = True
    try:
        return _json(evaluate(document, root), run)
    except RecursionError:
        raise too_deep() from None


# Frames hold dictionaries; nothing binds in this one, for every evaluation has its own above it.
_LIBRARY: Final[dict[str, Value]] = dict(LIBRARY)


class _Unsupported(Exception):
    """A function where a JSON value should be."""


def _json(value: Value, run: Run) -> Json | Undefined:
    """Without anything that is not JSON's own.  A value that is JSON already is not copied."""
    return value if _is_json(value, run) else _converted(value, run)


_SCALARS: Final = frozenset([str, int, bool, type(None)])


def _is_json(value: Value, run: Run) -> bool:
    # Without recursion, for a payload may be nested deeper than the stack.
    rest = [value]
    while rest:
        item = rest.pop()
        kind = type(item)
        if kind in _SCALARS or (kind is float and math.isfinite(item)):
            continue
        if kind is dict:
            rest.extend(item.values())
        elif kind is list:
            rest.extend(item)
        else:
            return False
        run.spend(len(item))
    return True


def _converted(value: Value, run: Run) -> Json | Undefined:
    if isinstance(value, Function):
        raise _Unsupported
    if isinstance(value, list):
        run.spend(len(value))
        if type(value) is Sequence and value.wrapper and value:
            return _converted(value[0], run)
        return [_converted(item, run) for item in value]  # type: ignore[misc]
    if isinstance(value, dict):
        run.spend(len(value))
        return {key: _converted(member, run) for key, member in value.items()}  # type: ignore[misc]
    if isinstance(value, float) and not math.isfinite(value):
        raise JsonataError("D1001", value=str(value))
    return value  # type: ignore[no-any-return]
