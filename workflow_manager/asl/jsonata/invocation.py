"""Calls in an expression: what is called, with which arguments, wholly or in part."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from workflow_manager.asl.jsonata.calls import OPEN, Compiler, Evaluator, Frame, Partial, apply
from workflow_manager.asl.jsonata.errors import JsonataError
from workflow_manager.asl.jsonata.syntax import Node
from workflow_manager.asl.jsonata.values import UNDEFINED, Function, Value

# What is called, with what, under which name.
Preparation: TypeAlias = Callable[[Value, Frame], tuple[Value, list[Value], str | None]]


def prepare_call(node: Node, compiled: Compiler, piped: Evaluator | None = None) -> Preparation:
    """`piped` gives a first argument (`~>`)."""
    assert node.procedure is not None
    procedure = compiled(node.procedure)
    arguments = [compiled(argument) for argument in node.arguments or ()]
    if piped is not None:
        arguments.insert(0, piped)
    name, bare, position = _called_name(node.procedure), node.procedure.type == "path", node.position

    def prepare(context: Value, frame: Frame) -> tuple[Value, list[Value], str | None]:
        function = procedure(context, frame)
        if function is UNDEFINED and bare and name and frame.lookup(name) is not UNDEFINED:
            raise JsonataError("T1005", position, token=name)
        return function, [argument(context, frame) for argument in arguments], name

    return prepare


def _called_name(procedure: Node) -> str | None:
    value = (procedure.steps or [])[0].value if procedure.type == "path" else procedure.value
    return value if isinstance(value, str) else None


def compile_call(node: Node, compiled: Compiler, piped: Evaluator | None = None) -> Evaluator:
    prepare = prepare_call(node, compiled, piped)
    position = node.position

    def call(context: Value, frame: Frame) -> Value:
        function, args, name = prepare(context, frame)
        try:
            return apply(frame.run, function, args, context, name)
        except JsonataError as error:
            error.at(name, position)
            raise

    return call


def compile_partial(node: Node, compiled: Compiler) -> Evaluator:
    assert node.procedure is not None
    procedure = compiled(node.procedure)
    arguments = [None if item.type == "operator" else compiled(item) for item in node.arguments or ()]
    name, bare, position = _called_name(node.procedure), node.procedure.type == "path", node.position

    def apply_partially(context: Value, frame: Frame) -> Value:
        args = [OPEN if argument is None else argument(context, frame) for argument in arguments]
        function = procedure(context, frame)
        if isinstance(function, Function):
            return Partial(function, args)
        if function is UNDEFINED and bare and name and frame.lookup(name) is not UNDEFINED:
            raise JsonataError("T1007", position, token=name)
        raise JsonataError("T1008", position, token=name)

    return apply_partially
