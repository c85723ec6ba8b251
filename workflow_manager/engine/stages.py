"""What the data of a state is at each stage of its way, for whoever wants to look.

A state is made into one that does the same and keeps what it makes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from workflow_manager.asl.environment import Environment
from workflow_manager.asl.flow import PathFlow
from workflow_manager.asl.nodes import DataFlow, Fail, Map, Node, Parallel, Pass, QueryLanguage, Task
from workflow_manager.engine.fields import map_items, source
from workflow_manager.engine.services import HttpExchange
from workflow_manager.kernel.json import ABSENT, Document, Json, dumps


@dataclass(slots=True, kw_only=True)
class Stages:
    """What the data was after each stage, by AWS's names for them."""

    texts: dict[str, str] = field(default_factory=dict)
    tolerated_failure_count: int | None = None
    tolerated_failure_percentage: float | None = None
    max_concurrency: int | None = None
    exchange: HttpExchange | None = None  # the last one of an HTTP task

    def watch(self, exchange: HttpExchange) -> None:
        self.exchange = exchange


_OF_TASK: Final = frozenset(
    (
        "afterInputPath",
        "afterParameters",
        "afterArguments",
        "result",
        "afterResultSelector",
        "afterResultPath",
    )
)
_AFTER_INPUT: Final = frozenset(("afterInputPath",))
_AFTER_WORK: Final = frozenset(("afterResultSelector", "afterResultPath"))


def _shown(node: Node) -> frozenset[str]:
    """The stages that AWS shows of a kind of state, as recorded."""
    match node:
        case Task():
            return _OF_TASK
        case Pass(result=result):
            # A fixed result makes the stages before it pointless.
            return _AFTER_WORK | ({"afterInputPath", "afterParameters"} if result is ABSENT else {"result"})
        case Map():
            return _AFTER_INPUT | _AFTER_WORK
        case Parallel():
            return _AFTER_WORK
        case _:
            return _AFTER_INPUT


class _Observed:
    """A data flow that keeps what it makes."""

    def __init__(self, flow: DataFlow, shown: frozenset[str], texts: dict[str, str]) -> None:
        self._flow = flow
        self._shown = shown
        self._texts = texts
        self._is_jsonata = flow.language is QueryLanguage.JSONATA

    @property
    def language(self) -> QueryLanguage:
        return self._flow.language

    @property
    def is_bare(self) -> bool:
        return False  # what is to be seen has to be made

    def effective_input(self, env: Environment, raw: Document) -> Document:
        effective = self._flow.effective_input(env, raw)
        if not self._is_jsonata:
            self._keep("afterInputPath", effective)
        return effective

    def arguments(self, env: Environment, effective: Document) -> Document:
        arguments = self._flow.arguments(env, effective)
        self._keep("afterArguments" if self._is_jsonata else "afterParameters", arguments)
        return arguments

    def output(self, env: Environment, raw: Document, effective: Document, result: Document) -> Document:
        self._keep("result", result)
        if not isinstance(self._flow, PathFlow):
            return self._flow.output(env, raw, effective, result)
        selected = self._flow.selected(env, result)
        self._keep("afterResultSelector", selected)
        combined = self._flow.combined(raw, selected)
        self._keep("afterResultPath", combined)
        return self._flow.filtered(env, combined)

    def _keep(self, stage: str, value: Document) -> None:
        if stage in self._shown:
            self._texts[stage] = value.text


class _ObservedItems:
    """The items of a Map, kept where ItemsPath leads to them; an inline Map takes no object for them."""

    def __init__(self, node: Map, texts: dict[str, str]) -> None:
        self._node = node
        self._texts = texts
        self.text = "$" if node.items is None else source(node.items)

    def evaluate(self, env: Environment) -> Json:
        node = self._node
        value: Json
        if node.distributed:
            value = env.input if node.items is None else node.items.evaluate(env)
        else:
            value = map_items(node, env)
        if node.flow.language is QueryLanguage.JSONPATH and isinstance(value, list | dict):
            self._texts["afterItemsPath"] = dumps(value)
        return value


def observed(node: Node, input: str, stages: Stages) -> Node:
    """The state for a trial: a Parallel state as a task, any Map as a distributed one."""
    texts = stages.texts
    flow = _Observed(node.flow, _shown(node), texts)
    is_jsonpath = node.flow.language is QueryLanguage.JSONPATH
    match node:
        case Parallel():
            return Task(
                name=node.name,
                flow=flow,
                assign=node.assign,
                next=node.next,
                resource="arn:aws:states:::branches:run",
                retry=node.retry,
                catch=node.catch,
            )
        case Map():
            seen = _ObservedItems(node, texts) if node.reader is None else None
            return replace(node, flow=flow, items=seen, distributed=True)
        case Fail() if is_jsonpath:
            texts["afterInputPath"] = input
            return node
        case _:
            return replace(node, flow=flow)
