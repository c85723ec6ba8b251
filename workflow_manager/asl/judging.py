"""What is wrong with a definition: problems are collected, never raised one by one.

`Fields` is one JSON object of a definition together with its place.  Each method reads one field
and returns a value that is safe to go on with; what was wrong with the field is reported.  A
definition is good when nothing of severity ERROR was reported, so a wrong value that was replaced
never gets as far as a node that runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from workflow_manager.kernel.errors import Problem
from workflow_manager.kernel.json import Json

INVALID_JSON = "INVALID_JSON_DESCRIPTION"
SCHEMA = "SCHEMA_VALIDATION_FAILED"
TARGET = "MISSING_TRANSITION_TARGET"
DUPLICATE = "DUPLICATE_STATE_NAME"
NO_TERMINAL = "MISSING_TERMINAL_STATE"
NO_DOLLAR = "NO_DOLLAR"

ERROR = "ERROR"
WARNING = "WARNING"

# A definition can hold a problem at every few bytes; nobody reads more than this.
MAX_PROBLEMS = 1000

# Names in a definition can be of any length, and a place repeats them for each problem below.
MAX_SHOWN = 1000


class Judge:
    """Collects problems, each once, in the order in which they are found."""

    def __init__(self) -> None:
        self._problems: dict[Problem, None] = {}

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(self._problems)

    @property
    def found_errors(self) -> bool:
        return any(problem.severity == ERROR for problem in self._problems)

    def report(self, message: str, place: str, code: str = SCHEMA, severity: str = ERROR) -> None:
        if len(self._problems) < MAX_PROBLEMS:
            problem = Problem(message[:MAX_SHOWN], place[:MAX_SHOWN] or "/", code, severity)
            self._problems[problem] = None


class Fields:
    """One object of a definition.

    `place` is "" for the whole definition, and a list's items are written as AWS writes them:
    `/States/Choose/Choices[0]/Next`.
    """

    __slots__ = ("judge", "place", "values")

    def __init__(self, judge: Judge, values: Mapping[str, Json], place: str) -> None:
        self.judge = judge
        self.values = values
        self.place = place

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def __getitem__(self, name: str) -> Json:
        return self.values[name]

    def at(self, name: str) -> str:
        return f"{self.place}/{name}"

    def report(
        self, message: str, name: str | None = None, code: str = SCHEMA, severity: str = ERROR
    ) -> None:
        """Something is wrong with the field `name`, or with the object as a whole."""
        self.judge.report(message, self.place if name is None else self.at(name), code, severity)

    def allow(self, names: Collection[str], elsewhere: Mapping[str, str] | None = None) -> None:
        """Report every other field.  `elsewhere` says why a field that exists is out of place here."""
        for name in self.values:
            if name not in names:
                self.report((elsewhere or {}).get(name, "Field is not supported"), name)

    def require(self, *names: str) -> bool:
        missing = [name for name in names if name not in self.values]
        if missing:
            self.report(f"These fields are required: [{', '.join(missing)}]")
        return not missing

    def choose(self, *names: str) -> str | None:
        """The one field of `names` that is given; more than one is reported."""
        given = [name for name in names if name in self.values]
        if len(given) > 1:
            self.report(f"Only one of these fields is allowed: [{', '.join(given)}]")
        return given[0] if given else None

    def require_one(self, *names: str) -> str | None:
        """The same, where one of them has to be given."""
        if not any(name in self.values for name in names):
            self.report(f"Exactly one of these fields is required: [{', '.join(names)}]")
        return self.choose(*names)

    def text(self, name: str, *, nonempty: bool = False) -> str | None:
        value = self.values.get(name)
        if isinstance(value, str):
            if nonempty and not value:
                self.report("Value cannot be empty", name)
                return None
            return value
        if name in self.values:
            self.report("Expected value of type String", name)
        return None

    def flag(self, name: str) -> bool | None:
        value = self.values.get(name)
        if isinstance(value, bool):
            return value
        if name in self.values:
            self.report("Expected value of type Boolean", name)
        return None

    def integer(self, name: str, low: int, high: int | None = None) -> int | None:
        value = self.values.get(name)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value if self._in_range(name, value, low, high) else None
        if name in self.values:
            self.report("Expected value of type Integer", name)
        return None

    def number(self, name: str, low: float, high: float | None = None) -> float | None:
        value = self.values.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return value if self._in_range(name, value, low, high) else None
        if name in self.values:
            self.report("Expected value of type Float", name)
        return None

    def _in_range(self, name: str, value: float, low: float, high: float | None) -> bool:
        if value < low:
            self.report(f"Value must be greater than or equal to {low}", name)
        elif high is not None and value > high:
            self.report(f"Value must be less than or equal to {high}", name)
        else:
            return True
        return False

    def one_of(self, name: str, values: Sequence[str]) -> str | None:
        value = self.text(name)
        if value is None or value in values:
            return value
        self.report(f"Value is not one of the supported values: [{', '.join(values)}]", name)
        return None

    def object(self, name: str) -> Fields | None:
        value = self.values.get(name)
        if isinstance(value, dict):
            return Fields(self.judge, value, self.at(name))
        if name in self.values:
            self.report("Expected value of type Object", name)
        return None

    def list(self, name: str, *, nonempty: bool = False) -> Sequence[Json]:
        value = self.values.get(name)
        if isinstance(value, list):
            if nonempty and not value:
                self.report("Value cannot be empty", name)
            return value
        if name in self.values:
            self.report("Expected value of type Array", name)
        return ()

    def objects(self, name: str, *, nonempty: bool = False) -> Iterator[Fields]:
        """The objects of a list; whatever else is in it is reported."""
        for number, value in enumerate(self.list(name, nonempty=nonempty)):
            place = f"{self.at(name)}[{number}]"
            if isinstance(value, dict):
                yield Fields(self.judge, value, place)
            else:
                self.judge.report("Expected value of type Object", place)

    def texts(self, name: str, *, nonempty: bool = False) -> tuple[str, ...]:
        """The strings of a list; whatever else is in it is reported."""
        found = []
        for number, value in enumerate(self.list(name, nonempty=nonempty)):
            if isinstance(value, str):
                found.append(value)
            else:
                self.judge.report("Expected value of type String", f"{self.at(name)}[{number}]")
        return tuple(found)
