"""Functions as values, and what calling one means.

A call in tail position is not made but returned, as a `TailCall`; `apply` makes it once the caller
has left.  So a loop written as recursion needs no stack.
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias

from workflow_manager.asl.jsonata.errors import JsonataError
from workflow_manager.asl.jsonata.signature import Signature
from workflow_manager.asl.jsonata.syntax import Node
from workflow_manager.asl.jsonata.values import UNDEFINED, Budget, Function, Value


class Run(Budget):
    """One evaluation: its time, its chance, and what it may still use."""

    __slots__ = ("now", "random")

    def __init__(self, now: datetime, chance: random.Random, units: int) -> None:
        super().__init__(units)
        self.now = now
        self.random = chance


class Frame:
    """The variables in scope."""

    __slots__ = ("bindings", "parent", "run")

    def __init__(self, bindings: dict[str, Value], parent: Frame | None, run: Run) -> None:
        self.bindings = bindings
        self.parent = parent
        self.run = run

    def lookup(self, name: str) -> Value:
        frame: Frame | None = self
        while frame is not None:
            value = frame.bindings.get(name, _UNBOUND)
            if value is not _UNBOUND:
                return value
            frame = frame.parent
        return UNDEFINED

    def inner(self, bindings: Mapping[str, Value]) -> Frame:
        return Frame(dict(bindings), self, self.run)


_UNBOUND: Final = object()

# What a part of an expression becomes: a function of the context value and the variables in scope.
Evaluator: TypeAlias = Callable[[Value, Frame], Value]
Compiler: TypeAlias = Callable[[Node], Evaluator]


class TailCall:
    """A call still to be made, in place of the caller."""

    __slots__ = ("args", "function", "name")

    def __init__(self, function: Value, args: list[Value], name: str | None) -> None:
        self.function = function
        self.args = args
        self.name = name


class Native(Function):
    """A function of the library.

    It is given all the parameters its signature names, absent ones as UNDEFINED, and first of all
    the run if its first parameter is called `run`.  Parameters with a default do not count as
    arguments that a higher-order function has to supply.
    """

    __slots__ = ("_implementation", "_needs_run", "_signature", "arity")

    def __init__(self, implementation: Callable[..., Value], signature: str) -> None:
        parameters = [
            parameter
            for parameter in inspect.signature(implementation).parameters.values()
            if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        ]
        self._implementation = implementation
        self._signature = Signature(signature)
        self._needs_run = bool(parameters) and parameters[0].name == "run"
        self.arity = sum(each.default is each.empty for each in parameters) - self._needs_run

    def call(self, run: Run, args: list[Value], context: Value) -> Value:
        args = self._signature.validate(args, context)
        for arg in args:
            if isinstance(arg, list):
                run.spend(len(arg) >> 2)
        if self._needs_run:
            return self._implementation(run, *args)
        return self._implementation(*args)


class Lambda(Function):
    """`function($a, $b){…}` with the variables and the context that were in scope there."""

    __slots__ = ("_body", "_context", "_frame", "_signature", "arity", "parameters")

    def __init__(
        self,
        parameters: tuple[str, ...],
        signature: Signature | None,
        body: Evaluator,
        context: Value,
        frame: Frame,
    ) -> None:
        self.parameters = parameters
        self.arity = len(parameters)
        self._signature = signature
        self._body = body
        self._context = context
        self._frame = frame

    def call(self, run: Run, args: list[Value], context: Value) -> Value:
        if self._signature is not None:
            args = self._signature.validate(args, context)
        run.spend(6)
        bindings = dict.fromkeys(self.parameters, UNDEFINED)
        bindings.update(zip(self.parameters, args, strict=False))
        return self._body(self._context, Frame(bindings, self._frame, run))


class Partial(Function):
    """`f(?, 1)`: a function of what was left open."""

    __slots__ = ("_args", "_function", "arity")

    def __init__(self, function: Function, args: Sequence[Value]) -> None:
        self._function = function
        self._args = tuple(args)
        self.arity = sum(1 for arg in args if arg is OPEN)

    def call(self, run: Run, args: list[Value], context: Value) -> Value:
        rest = iter(args)
        filled = [next(rest, UNDEFINED) if arg is OPEN else arg for arg in self._args]
        return TailCall(self._function, filled, None)


OPEN: Final = object()


class Composition(Function):
    """`f ~> g` of two functions."""

    __slots__ = ("_first", "_second")
    arity = 1

    def __init__(self, first: Function, second: Function) -> None:
        self._first = first
        self._second = second

    def call(self, run: Run, args: list[Value], context: Value) -> Value:
        inner = apply(run, self._first, args[:1] or [UNDEFINED])
        return TailCall(self._second, [inner], None)


class Computed(Function):
    """A function of one argument that an expression makes, such as a transformation."""

    __slots__ = ("_compute", "_signature")
    arity = 1

    def __init__(self, compute: Callable[[Run, Value], Value], signature: Signature | None = None) -> None:
        self._compute = compute
        self._signature = signature

    def call(self, run: Run, args: list[Value], context: Value) -> Value:
        if self._signature is not None:
            args = self._signature.validate(args, context)
        return self._compute(run, args[0] if args else UNDEFINED)


def apply(
    run: Run, function: Value, args: list[Value], context: Value = None, name: str | None = None
) -> Value:
    """The result of a call.  Raises `JsonataError`, which then knows the function's name."""
    while True:
        run.spend(4)
        if not isinstance(function, Function):
            raise JsonataError("T1006", value=function)
        try:
            result = function.call(run, args, context)
        except JsonataError as error:
            error.at(name, None)
            raise
        if type(result) is not TailCall:
            return result
        function, args, name = result.function, result.args, result.name


def apply_callback(run: Run, function: Value, *args: Value) -> Value:
    """The result of a function that was handed to another: it gets as many arguments as it can use."""
    if not isinstance(function, Function):
        raise JsonataError("T1006", value=function)
    return apply(run, function, list(args[: max(function.arity, 1)]))
