"""The state machine as a value: what `parse` makes and the engine's step reads.

Fields that may be a literal, a path or JSONata are an `Expression`; the step evaluates them and
checks what came out, because AWS reports a wrong value at run time with a text of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Protocol, TypeAlias
from typing import Literal as OneOf

from workflow_manager.asl.environment import Environment, Expression
from workflow_manager.kernel.json import ABSENT, Absent, Document, Json

END: Final = None
Next: TypeAlias = "str | None"  # a state's name, or END


class QueryLanguage(Enum):
    JSONPATH = "JSONPath"
    JSONATA = "JSONata"


class DataFlow(Protocol):
    """How data goes through one state; one implementation per query language (`asl.flow`).

    Every method raises `EvaluationFailed` and nothing else.
    """

    @property
    def language(self) -> QueryLanguage: ...

    @property
    def is_bare(self) -> bool:
        """Whether none of the stages is there: what comes out is what the work makes of what came in."""
        ...

    def effective_input(self, env: Environment, raw: Document) -> Document:
        """After InputPath.  The very same document where there is nothing to do."""
        ...

    def arguments(self, env: Environment, effective: Document) -> Document:
        """After Parameters or Arguments: what the work is given.  `env.input` is the effective input."""
        ...

    def output(self, env: Environment, raw: Document, effective: Document, result: Document) -> Document:
        """The state's output: ResultSelector, ResultPath and OutputPath, or Output.

        `env.result` is what JSONata sees as `$states.result`, `env.input` the effective input.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrier:
    errors: tuple[str, ...]
    interval_seconds: float = 1.0
    backoff_rate: float = 2.0
    max_attempts: int = 3
    max_delay_seconds: float | None = None
    full_jitter: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Catcher:
    """`recover` makes the output of the failed state from the error output."""

    errors: tuple[str, ...]
    next: str
    flow: CatchFlow
    assign: Expression | None = None


class CatchFlow(Protocol):
    """ResultPath or Output of a catcher."""

    def output(self, env: Environment, raw: Document, error_output: Json) -> Document:
        """Raises `EvaluationFailed`.  `env.error_output` is set."""
        ...


class Condition(Protocol):
    """A choice rule or a JSONata condition."""

    def holds(self, env: Environment) -> bool:
        """Raises `EvaluationFailed`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRule:
    condition: Condition
    next: str
    assign: Expression | None = None
    output: Expression | None = None  # JSONata only


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What all states have.  `assign` is a template whose value is an object: name → value.

    `reads` names the variables that the state's fields refer to, in alphabetical order.
    """

    name: str
    flow: DataFlow
    comment: str | None = None
    assign: Expression | None = None
    reads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass(State):
    next: Next
    result: Document | Absent = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(State):
    """`resource` is the text as written; the engine decides what stands behind it."""

    next: Next
    resource: str
    timeout_seconds: Expression | None = None
    heartbeat_seconds: Expression | None = None
    credentials: Expression | None = None
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(State):
    rules: tuple[ChoiceRule, ...]
    default: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(State):
    """Exactly one of `seconds` (a number) and `timestamp` (RFC 3339 text) is given."""

    next: Next
    seconds: Expression | None = None
    timestamp: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeed(State):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail(State):
    error: Expression | None = None
    cause: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel(State):
    next: Next
    branches: tuple[Machine, ...]
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemReader:
    resource: str
    arguments: Expression | None = None
    config: Mapping[str, Json] = field(default_factory=dict)  # ReaderConfig, paths included
    max_items: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemBatcher:
    max_items: Expression | None = None
    max_bytes: Expression | None = None
    batch_input: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultWriter:
    resource: str | None = None
    arguments: Expression | None = None
    config: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Map(State):
    """`items` gives the list (ItemsPath or Items); absent means the effective input itself.

    `selector` is ItemSelector, or Parameters of an old definition: it is evaluated once an item,
    with `Map.Item` in the context and the state's effective input as `env.input`.
    """

    next: Next
    processor: Machine
    distributed: bool = False
    child_type: OneOf["STANDARD", "EXPRESS"] = "STANDARD"
    items: Expression | None = None
    selector: Expression | None = None
    max_concurrency: Expression | None = None  # 0 or absent: no limit
    tolerated_failure_percentage: Expression | None = None
    tolerated_failure_count: Expression | None = None
    label: str | None = None
    reader: ItemReader | None = None
    batcher: ItemBatcher | None = None
    writer: ResultWriter | None = None
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()


Node: TypeAlias = "Pass | Task | Choice | Wait | Succeed | Fail | Parallel | Map"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """States and where to begin: the whole definition, a branch, or a Map's processor.

    `timeout_seconds`, `version` and `comment` are the top level's.
    """

    start_at: str
    states: Mapping[str, Node]
    language: QueryLanguage = QueryLanguage.JSONPATH
    comment: str | None = None
    version: str | None = None
    timeout_seconds: int | None = None
