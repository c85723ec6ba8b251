"""`|pattern|update, delete|`: a function that gives a changed copy."""

from __future__ import annotations

from workflow_manager.asl.jsonata.calls import Compiler, Computed, Evaluator, Frame, Native, Run, apply
from workflow_manager.asl.jsonata.errors import JsonataError
from workflow_manager.asl.jsonata.library.collections import clone as copied
from workflow_manager.asl.jsonata.signature import Signature
from workflow_manager.asl.jsonata.syntax import Node
from workflow_manager.asl.jsonata.values import UNDEFINED, Function, Value

_TRANSFORM_SIGNATURE = Signature("<(oa):o>")


def compile_transform(node: Node, compiled: Compiler) -> Evaluator:
    assert node.pattern is not None
    assert node.update is not None
    pattern, update = compiled(node.pattern), compiled(node.update)
    delete = compiled(node.delete) if node.delete is not None else None
    position = node.position

    def make(context: Value, frame: Frame) -> Value:
        def transform(run: Run, original: Value) -> Value:
            if original is UNDEFINED:
                return UNDEFINED
            clone = frame.lookup("clone")
            if not isinstance(clone, Function):
                raise JsonataError("T2013", position)
            result = apply(run, clone, [original])
            if not isinstance(clone, Native):
                result = copied(run, result)
            ours = _objects(result)
            matches = pattern(result, frame)
            if matches is UNDEFINED:
                return result
            for match in matches if isinstance(matches, list) else [matches]:
                # A pattern may also find what is not part of the copy.
                target = match if id(match) in ours else {}
                _merge_into(target, update(match, frame), position)
                if delete is not None:
                    _delete_from(target, delete(match, frame), position)
            return result

        return Computed(transform, _TRANSFORM_SIGNATURE)

    return make


def _merge_into(target: dict[str, Value], changes: Value, position: int) -> None:
    if changes is UNDEFINED:
        return
    if not isinstance(changes, dict):
        raise JsonataError("T2011", position, value=changes)
    target.update(changes)


def _delete_from(target: dict[str, Value], names: Value, position: int) -> None:
    if names is UNDEFINED:
        return
    listed = names if isinstance(names, list) else [names]
    if not all(isinstance(name, str) for name in listed):
        raise JsonataError("T2012", position, value=names)
    for name in listed:
        target.pop(name, None)


def _objects(value: Value) -> set[int]:
    """The identities of all objects in a value."""
    found: set[int] = set()
    rest = [value]
    while rest:
        item = rest.pop()
        if isinstance(item, dict):
            found.add(id(item))
            rest.extend(item.values())
        elif isinstance(item, list):
            rest.extend(item)
    return found
