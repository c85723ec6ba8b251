"""A definition's text becomes a machine, or the list of everything that is wrong with it.

There is one pass and one set of rules: a definition parses when the pass reports no problem of
severity ERROR, and `workflow_manager.asl.validate.diagnose` shows the same problems.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final

from workflow_manager.asl.compiling import MAX_SECONDS, Compiler
from workflow_manager.asl.graph import check_graph
from workflow_manager.asl.judging import DUPLICATE, ERROR, Fields, Judge
from workflow_manager.asl.nodes import Machine, Node, QueryLanguage, Task
from workflow_manager.asl.parse_fanout import FANOUT
from workflow_manager.asl.parse_states import LANGUAGES, SIMPLE
from workflow_manager.asl.reading import read_definition
from workflow_manager.asl.resources import express_problem
from workflow_manager.asl.scope import Scope
from workflow_manager.asl.vocabulary import MACHINE, STATES
from workflow_manager.kernel.errors import InvalidDefinition, Problem
from workflow_manager.kernel.json import Json

MAX_NAME: Final = 80

_TYPES: Final = tuple(sorted(STATES))
_WITH_RESULT: Final = ("Task", "Parallel", "Map")


def parse(definition: str | Mapping[str, Json], *, express: bool = False) -> Machine:
    """The machine of a definition, for Standard executions or for Express ones.

    Raises `InvalidDefinition` with all problems, warnings included; its text is AWS's.
    """
    return _accepted(judge(definition, express=express))


def parse_state(definition: str | Mapping[str, Json], name: str = "StateName") -> Machine:
    """A machine of one state alone, as TestState takes it: its targets need not exist.

    Raises `InvalidDefinition`.
    """
    found = Judge()
    values = read_definition(definition, found)
    if values is None:
        return _accepted((None, found.problems))
    whole = Fields(found, {"StartAt": name, "States": {name: dict(values)}}, "")
    scope = _scope(found, QueryLanguage.JSONPATH, express=False)
    machine = Machine(start_at=name, states=_states(whole, scope))
    return _accepted((None if found.found_errors else machine, found.problems))


def judge(
    definition: str | Mapping[str, Json], *, express: bool = False
) -> tuple[Machine | None, tuple[Problem, ...]]:
    """The machine, None when there is an error, and every problem."""
    found = Judge()
    values = read_definition(definition, found)
    if values is None:
        return None, found.problems
    fields = Fields(found, values, "")
    language = LANGUAGES.get(fields.one_of("QueryLanguage", tuple(LANGUAGES)) or "", QueryLanguage.JSONPATH)
    machine = _machine(fields, _scope(found, language, express=express), MACHINE)
    return (None if found.found_errors else machine), found.problems


def _accepted(judged: tuple[Machine | None, tuple[Problem, ...]]) -> Machine:
    machine, problems = judged
    if machine is None:
        raise InvalidDefinition(invalid_definition_text(problems), problems)
    return machine


def _scope(judge: Judge, language: QueryLanguage, *, express: bool) -> Scope:
    return Scope(judge=judge, language=language, express=express, places={}, parse_machine=_machine)


def invalid_definition_text(problems: Collection[Problem]) -> str:
    """The message of AWS's InvalidDefinition."""
    errors = (
        f"{problem.code}: {problem.message}"
        + (
            ""
            if problem.message.endswith(problem.place) and len(problem.place) > 1
            else f" at {problem.place}"
        )
        for problem in problems
        if problem.severity == ERROR
    )
    return f"Invalid State Machine Definition: '{', '.join(errors)}'"


def _machine(fields: Fields, scope: Scope, allowed: Collection[str]) -> Machine:
    fields.allow(allowed)
    fields.require("States", "StartAt")
    machine = Machine(
        start_at=fields.text("StartAt", nonempty=True) or "",
        states=_states(fields, scope),
        language=scope.language,
        comment=fields.text("Comment"),
        version=fields.text("Version"),
        timeout_seconds=fields.integer("TimeoutSeconds", 1, MAX_SECONDS),
    )
    if machine.states:
        check_graph(machine, fields)
    return machine


def _states(fields: Fields, scope: Scope) -> Mapping[str, Node]:
    states = fields.object("States")
    if states is None:
        return {}
    if not states.values:
        fields.report("Value cannot be empty", "States")
    parsed: dict[str, Node] = {}
    whole = True
    for name in states.values:
        state = states.object(name)
        node = None if state is None else _state(name, state, scope)
        if node is None:
            whole = False
        else:
            parsed[name] = node
    # Where a state could not be read at all, what hangs together can no longer be told.
    return parsed if whole else {}


def _state(name: str, fields: Fields, scope: Scope) -> Node | None:
    _check_name(name, fields, scope)
    if not fields.require("Type"):
        return None
    type_ = fields.one_of("Type", _TYPES)
    if type_ is None:
        return None
    compiler = Compiler(_language(fields, scope), fields.place, has_result=type_ in _WITH_RESULT)
    vocabulary = STATES[type_]
    fields.allow(vocabulary.allowed(compiler.language), vocabulary.elsewhere(compiler.language))
    node: Node
    if type_ in FANOUT:
        node = FANOUT[type_](name, fields, compiler, scope)
    else:
        node = SIMPLE[type_](name, fields, compiler)
    if scope.express and isinstance(node, Task) and (problem := express_problem(node.resource)):
        fields.report(problem, "Resource")
    return replace(node, reads=tuple(sorted(compiler.variables))) if compiler.variables else node


def _check_name(name: str, fields: Fields, scope: Scope) -> None:
    if not name:
        fields.report("State name cannot be empty")
    elif len(name) > MAX_NAME:
        fields.report(f"State name must not be longer than {MAX_NAME} characters")
    if name in scope.places:
        fields.report(f"Duplicate State name: {name}", code=DUPLICATE)
    scope.places.setdefault(name, fields.place)


def _language(fields: Fields, scope: Scope) -> QueryLanguage:
    text = fields.one_of("QueryLanguage", tuple(LANGUAGES))
    if text is None:
        return scope.language
    language = LANGUAGES[text]
    # Seen at AWS for the states of the definition itself; those inside of others are left alone.
    if scope.is_top and language is QueryLanguage.JSONPATH and scope.language is QueryLanguage.JSONATA:
        fields.report("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine")
    return language
