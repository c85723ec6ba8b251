"""What an expression refers to, found without evaluating it: variables, members of `$states`, and what
Step Functions forbids because an expression has no input document of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from workflow_manager.asl.jsonata.library import LIBRARY
from workflow_manager.asl.jsonata.syntax import Node


@dataclass(slots=True)
class References:
    """`variables` are the free ones, without functions of the library and without `states`."""

    variables: set[str] = field(default_factory=set)
    states_members: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


class _Scope:
    """Names bound so far.  The bodies of functions see all names of the block, so they come last."""

    def __init__(self, names: frozenset[str] = frozenset()) -> None:
        self.names = set(names)
        self.deferred: list[Callable[[], None]] = []

    def inner(self, *names: str) -> _Scope:
        return _Scope(frozenset(self.names | set(names)))

    def close(self) -> None:
        for visit in self.deferred:
            visit()


def references(tree: Node) -> References:
    """Of a rewritten tree."""
    walker = _Walker()
    scope = _Scope()
    walker.visit(tree, scope, at_top=True)
    scope.close()
    return walker.found


class _Walker:
    def __init__(self) -> None:
        self.found = References()

    def visit(self, node: Node, scope: _Scope, at_top: bool) -> None:
        """`at_top`: there is no context value, since nothing has been stepped into."""
        match node.type:
            case "path":
                self._path(node, scope, at_top)
                return
            case "name" if at_top:
                self._forbid(
                    f"The unqualified field name '{node.value}' refers to nothing at the top level of an"
                    " expression. Use a variable, such as $states.input"
                )
            case "string" if any("\ud800" <= char <= "\udfff" for char in node.value):
                self._forbid("A string holds half of a surrogate pair, which JSON cannot")
            case "variable":
                self._variable(node.value, scope, at_top)
            case "bind":
                self.visit(node.rhs, scope, at_top)
                scope.names.add(node.lhs.value)
            case "block":
                inner = scope.inner()
                for part in node.expressions or ():
                    self.visit(part, inner, at_top)
                inner.close()
            case "lambda":
                self._lambda(node, scope, at_top)
            case "sort" | "transform":
                # They look at the values of the path, or at what the function is given.
                for part in _inspections(node):
                    self.visit(part, scope, False)
            case _:
                for child in _children(node):
                    self.visit(child, scope, at_top)
        self._attachments(node, scope)

    def _path(self, node: Node, scope: _Scope, at_top: bool) -> None:
        steps = node.steps or []
        inner = scope.inner()
        for index, step in enumerate(steps):
            self.visit(step, inner, at_top and index == 0)
            inner.names.update(name for name in (step.focus, step.index) if name)
        self._pairs(node.group, inner)
        inner.close()
        first = steps[0]
        reads_states = first.type == "variable" and first.value == "states" and "states" not in scope.names
        if reads_states and len(steps) > 1 and steps[1].type == "name":
            self.found.states_members.add(steps[1].value)

    def _attachments(self, node: Node, scope: _Scope) -> None:
        """Predicates and groupings look at what the node gave."""
        for stage in [*(node.predicate or ()), *(node.stages or ())]:
            if stage.expression is not None:
                self.visit(stage.expression, scope, False)
            elif stage.type == "index":
                scope.names.add(stage.value)
        self._pairs(node.group, scope)

    def _pairs(self, group: Node | None, scope: _Scope) -> None:
        for key, value in group.lhs if group is not None else ():
            self.visit(key, scope, False)
            self.visit(value, scope, False)

    def _lambda(self, node: Node, scope: _Scope, at_top: bool) -> None:
        assert node.body is not None
        body = node.body
        parameters = [argument.value for argument in node.arguments or ()]

        def visit_body() -> None:
            inner = scope.inner(*parameters)
            self.visit(body, inner, at_top)
            inner.close()

        scope.deferred.append(visit_body)

    def _variable(self, name: str, scope: _Scope, at_top: bool) -> None:
        if name == "$":
            self._forbid("$$ refers to nothing: an expression has no input document. Use $states.input")
        elif name == "":
            if at_top:
                self._forbid(
                    "$ refers to nothing at the top level of an expression. Use a variable, such as"
                    " $states.input"
                )
        elif name in scope.names or name == "states":
            return
        elif name == "eval":
            self._forbid("The function $eval is not supported")
        elif name not in LIBRARY:
            self.found.variables.add(name)

    def _forbid(self, problem: str) -> None:
        if problem not in self.found.problems:
            self.found.problems.append(problem)


def _children(node: Node) -> Iterator[Node]:
    """The parts that are evaluated in the node's own context."""
    if node.type == "binary" or node.type == "apply":
        yield from (node.lhs, node.rhs)
    elif node.type == "unary" and node.value == "{":
        for key, value in node.lhs:
            yield from (key, value)
    for part in (node.procedure, node.expression, node.condition, node.then, node.otherwise):
        if part is not None:
            yield part
    yield from node.arguments or ()
    yield from node.expressions or ()


def _inspections(node: Node) -> Iterator[Node]:
    yield from (term.expression for term in node.terms or ())
    yield from (part for part in (node.pattern, node.update, node.delete) if part is not None)
