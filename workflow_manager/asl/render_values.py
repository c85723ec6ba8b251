"""Expressions as the texts and templates that they were compiled from."""

from __future__ import annotations

from workflow_manager.asl.compiling import CLOSE, OPEN, Expecting
from workflow_manager.asl.environment import Expression, Literal
from workflow_manager.asl.flow import Discard
from workflow_manager.asl.intrinsics import Intrinsic
from workflow_manager.asl.jsonata import JsonataExpression
from workflow_manager.asl.paths import PathExpression, ReferencePath
from workflow_manager.asl.templates import DOLLAR, ListTemplate, ObjectTemplate
from workflow_manager.kernel.json import Json

Rendered = dict[str, Json]


def field(name: str, expression: Expression | None) -> Rendered:
    """The field `name`, or `<name>Path` when it is a path or an intrinsic call; nothing for None."""
    if expression is None:
        return {}
    if isinstance(expression, PathExpression | Intrinsic):
        return {f"{name}Path": expression.text}
    return {name: template(expression)}


def path_field(name: str, path: Expression | ReferencePath | Discard | None) -> Rendered:
    """A field that holds a path, or null to discard; nothing for None, which is `$`."""
    if path is None:
        return {}
    if isinstance(path, Discard):
        return {name: None}
    assert isinstance(path, PathExpression | ReferencePath)
    return {name: path.text}


def template(expression: Expression) -> Json:
    """The template, in whichever query language it is."""
    match expression:
        case Literal():
            return expression.value
        case JsonataExpression():
            return f"{OPEN} {expression.text} {CLOSE}"
        case Expecting():
            return template(expression.expression)
        case ListTemplate():
            return [template(item) for item in expression.items]
        case ObjectTemplate():
            return _object(expression)
    raise TypeError(f"not a template: {expression!r}")


def _object(given: ObjectTemplate) -> Rendered:
    varying = dict(given.members)
    rendered: Rendered = {}
    for name, constant in given.constants.items():
        member = varying.get(name)
        if member is None:
            rendered[name] = constant
        elif isinstance(member, PathExpression | Intrinsic):
            rendered[name + DOLLAR] = member.text
        else:
            rendered[name] = template(member)
    return rendered
