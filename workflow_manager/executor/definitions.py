"""Which definitions are accepted.

The rules that clients know by their texts come first; whatever else the language forbids follows in
the language's own words.  The language judges the expanded definition, for that is what will run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Final

from workflow_manager.asl.parse import parse
from workflow_manager.asl.render import render
from workflow_manager.asl.validate import diagnose
from workflow_manager.executor.expand import activity_of, definition_text, written_place
from workflow_manager.executor.machine_document import (
    State,
    given,
    is_too_deep,
    items_of,
    nested_machines,
    states_of,
)
from workflow_manager.executor.pruning import (
    null_members,
    start_problems,
    transition_problems,
    unreachable,
)
from workflow_manager.kernel.errors import InvalidDefinition, InvalidRequest, Problem
from workflow_manager.kernel.json import Json, NotJson, dumps
from workflow_manager.models.names import Naming, check_activity_name, check_fits

MANAGER: Final = "step-functions"

MAX_ATTEMPTS: Final = 2000

TYPES: Final = ("Pass", "Task", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map")

# Only to see whether the definition would run; any namespace does.
_SAMPLE_NAMESPACE: Final = "namespace"


def check_manager(manager: str) -> None:
    if manager not in ("", MANAGER):
        raise InvalidRequest(f"manager in body should be one of [{MANAGER}]")


def check_tags(tags: Mapping[str, Json]) -> None:
    for value in tags.values():
        if not isinstance(value, str):
            raise InvalidRequest(f"error converting tag value to string: {_shown(value)}")


def check_state_machine(state_machine: Mapping[str, Json], name: str, version: int, naming: Naming) -> None:
    """Raises `InvalidDefinition` with every problem, and `InvalidRequest` for a name that cannot fit.

    The message is the text of the first problem and, below it, the place and the text of each.
    """
    machine = dict(state_machine)
    _check_json(machine)
    known = [*_known_problems(machine)]
    problems = [*known, *_errors(_other_problems(machine, naming, known))]
    if problems:
        raise InvalidDefinition(_message(known, problems), problems)
    check_fits(name, version, str(machine["StartAt"]))


def diagnose_state_machine(
    state_machine: Mapping[str, Json], naming: Naming, *, express: bool = False
) -> Sequence[Problem]:
    """Every problem, warnings among them; `check_state_machine` accepts it when none is an ERROR.

    In AWS's codes and texts; the rules that clients know say only what the language has nothing against.
    Raises `InvalidDefinition` for what is no JSON that could be judged.
    """
    machine = dict(state_machine)
    _check_json(machine)
    told = [*_other_problems(machine, naming, (), express=express)]
    wrong = {problem.place for problem in _errors(told)}
    return [*told, *(rule for rule in _known_problems(machine) if not _is_told(rule.place, wrong))]


def _is_told(place: str, wrong: Set[str]) -> bool:
    """Whether something is wrong at the place, or with the object whose field it is.

    A problem of the whole only sums up others.
    """
    return place == "/" or place in wrong or (place.rpartition("/")[0] or "/") in wrong


def meaning(state_machine: Mapping[str, Json], naming: Naming) -> dict[str, Json]:
    """The expanded definition in its shortest form: alike for all that run alike.

    Raises `InvalidDefinition`.
    """
    machine = dict(state_machine)
    _check_json(machine)
    return render(parse(definition_text(machine, _SAMPLE_NAMESPACE, naming)))


def _check_json(machine: dict[str, Json]) -> None:
    if is_too_deep(machine):
        raise InvalidDefinition("stateMachine is nested too deeply")
    try:
        dumps(machine)
    except NotJson as error:
        raise InvalidDefinition(f"stateMachine is not valid JSON: {error}") from None


def _errors(problems: Iterable[Problem]) -> Iterator[Problem]:
    return (problem for problem in problems if problem.severity == "ERROR")


def _message(known: Sequence[Problem], problems: Sequence[Problem]) -> str:
    lines = [
        f"{problem.message} at {problem.place}" if problem.place else problem.message for problem in problems
    ]
    # Clients know the first line of the rules by heart.
    return "\n".join([known[0].message, *lines] if known and known[0].place else lines)


def _known_problems(machine: Json) -> Iterator[Problem]:
    """In the order of the rules; within one, by place."""
    shape = [*_shape_problems(machine, "")]
    yield from shape
    starts = [*start_problems(machine, "")] if states_of(machine) else []
    yield from starts
    yield from transition_problems(machine, "")
    if starts or shape:
        return  # a broken start makes everything unreachable
    lost = [*unreachable(machine, "")]
    if lost:
        yield Problem(f"Invalid WorkflowDefinition: {len(lost)} states have no transition path")
        for state in lost:
            yield Problem(f"state {state.name} has no transition path", state.place)


def _other_problems(
    machine: Json, naming: Naming, known: Sequence[Problem], *, express: bool = False
) -> Iterator[Problem]:
    """What is wrong besides, leaving out places that were found wrong already."""
    misnamed = [*_misnamed_activities(machine, naming, "")]
    yield from misnamed
    wrong = {problem.place for problem in (*known, *misnamed)}
    yield from _language_problems(machine, naming, wrong, express)


def _misnamed_activities(machine: Json, naming: Naming, place: str) -> Iterator[Problem]:
    """Short resources that no namespace, not even the empty one, makes the name of an activity."""
    for name, state in sorted(states_of(machine).items()):
        if not isinstance(state, dict):
            continue
        at = f"{place}/States/{name}"
        resource = activity_of(state)
        if resource is not None:
            try:
                check_activity_name(naming.activity_name("", resource), "Resource makes, after a namespace,")
            except InvalidRequest as error:
                yield Problem(str(error), f"{at}/Resource")
        for where, inner in nested_machines(state):
            yield from _misnamed_activities(inner, naming, at + where)


def _language_problems(machine: Json, naming: Naming, known: set[str], express: bool) -> Iterator[Problem]:
    """What the language forbids."""
    assert isinstance(machine, dict)
    try:
        text = definition_text(machine, _SAMPLE_NAMESPACE, naming)
    except InvalidDefinition as error:
        if not known:
            yield from error.problems
        return
    for problem in diagnose(text, express=express):
        found = replace(problem, place=written_place(problem.place, machine))
        if found.place not in known:
            yield found


def _shape_problems(machine: Json, place: str) -> Iterator[Problem]:
    """What is wrong with single states, here and in every machine inside."""
    if not place and isinstance(machine, dict) and machine.get("Version") not in (None, "", "1.0"):
        yield Problem("Version in body should be one of [1.0]", "/Version")
    states = states_of(machine)
    if not states:
        yield Problem("Must define at least one state", f"{place}/States")
    for name, state in sorted(states.items()):
        at = f"{place}/States/{name}"
        if not isinstance(state, dict) or not state:
            yield Problem(f"States.{name} in body is required", at)
            continue
        yield from _one_state(state, at)
        for where, inner in nested_machines(state):
            yield from _shape_problems(inner, at + where)


def _one_state(state: State, at: str) -> Iterator[Problem]:
    for field, where in null_members(state):
        yield Problem(f"{field} must not contain null", at + where)
    for index, retrier in enumerate(items_of(state.get("Retry"))):
        attempts = retrier.get("MaxAttempts") if isinstance(retrier, dict) else None
        if isinstance(attempts, int) and attempts > MAX_ATTEMPTS:
            text = f"MaxAttempts in body should be less than or equal to {MAX_ATTEMPTS}"
            yield Problem(text, f"{at}/Retry[{index}]/MaxAttempts")
    kind = state.get("Type")
    if not isinstance(kind, str) or kind not in TYPES:
        shown = "" if kind is None else _shown(kind)
        yield Problem(f"Unrecognized state type used in state maching {shown}", f"{at}/Type")
    elif kind in _TYPE_RULES:
        yield from _TYPE_RULES[kind](state, at)


def _task(state: State, at: str) -> Iterator[Problem]:
    if not given(state, "Resource"):
        yield Problem("Task states must contain a valid resource string", at)


def _choice(state: State, at: str) -> Iterator[Problem]:
    choices = items_of(state.get("Choices"))
    if not choices:
        yield Problem("Choice states must contain at least one choice", at)
    for index, choice in enumerate(choices):
        if isinstance(choice, dict) and not given(choice, "Next"):
            text = "Every choice in a choice state must specify a Next state to transistion to"
            yield Problem(text, f"{at}/Choices[{index}]")


def _wait(state: State, at: str) -> Iterator[Problem]:
    ways = [
        field for field in ("Seconds", "SecondsPath", "Timestamp", "TimestampPath") if given(state, field)
    ]
    if len(ways) != 1:
        yield Problem("Wait states must use one and only one field to specify wait time", at)


def _terminal(state: State, at: str) -> Iterator[Problem]:
    if given(state, "Next"):
        yield Problem(f"{state['Type']} states cannot contain a Next value", f"{at}/Next")


def _parallel(state: State, at: str) -> Iterator[Problem]:
    if not items_of(state.get("Branches")):
        yield Problem("Parallel states must contain at least one branch", at)


def _map(state: State, at: str) -> Iterator[Problem]:
    if state.get("Iterator") is None and state.get("ItemProcessor") is None:
        yield Problem("Map states must contain an iterator with at least one state", at)


_TYPE_RULES: Final[Mapping[str, Callable[[State, str], Iterator[Problem]]]] = {
    "Task": _task,
    "Choice": _choice,
    "Wait": _wait,
    "Fail": _terminal,
    "Succeed": _terminal,
    "Parallel": _parallel,
    "Map": _map,
}


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else dumps(value)
