"""A machine as a definition again, in its shortest form.

Whatever says nothing is left out: defaults, comments on rules, retriers and catchers, `InputPath: "$"`.
Old names become today's: Iterator is ItemProcessor, a Map's Parameters are its ItemSelector.  So two
definitions that mean the same render alike, and what is rendered parses to the same machine.
"""

from __future__ import annotations

from typing import Final, assert_never

from workflow_manager.asl.flow import JsonataCatchFlow, JsonataFlow, PathCatchFlow, PathFlow
from workflow_manager.asl.nodes import (
    END,
    Catcher,
    CatchFlow,
    Choice,
    DataFlow,
    Fail,
    ItemBatcher,
    ItemReader,
    Machine,
    Map,
    Node,
    Parallel,
    Pass,
    QueryLanguage,
    ResultWriter,
    Retrier,
    Succeed,
    Task,
    Wait,
)
from workflow_manager.asl.render_choice import render_rule
from workflow_manager.asl.render_values import Rendered, field, path_field
from workflow_manager.kernel.json import Absent, Json

_RETRIER_FIELDS: Final = {
    "interval_seconds": "IntervalSeconds",
    "backoff_rate": "BackoffRate",
    "max_attempts": "MaxAttempts",
    "max_delay_seconds": "MaxDelaySeconds",
}
_RETRIER_DEFAULTS: Final = Retrier(errors=())


def render(machine: Machine) -> Rendered:
    """The definition of a whole machine."""
    language = machine.language.value if machine.language is QueryLanguage.JSONATA else None
    return _given(
        QueryLanguage=language,
        **_machine(machine),
        TimeoutSeconds=machine.timeout_seconds,
        Version=machine.version,
    )


def _given(**fields: Json) -> Rendered:
    """The fields that are there.  For those whose null says nothing."""
    return {name: value for name, value in fields.items() if value is not None}


def _machine(machine: Machine) -> Rendered:
    """What machines at every level have."""
    states: Rendered = {name: _state(node, machine.language) for name, node in machine.states.items()}
    return {**_given(Comment=machine.comment), "StartAt": machine.start_at, "States": states}


def _state(node: Node, around: QueryLanguage) -> Rendered:
    language = node.flow.language
    return {
        "Type": type(node).__name__,
        **_given(QueryLanguage=None if language is around else language.value, Comment=node.comment),
        **_own(node),
        **_flow(node.flow),
        **field("Assign", node.assign),
        **_recovery(node),
        **_transition(node),
    }


def _own(node: Node) -> Rendered:
    """The fields of the state's type alone."""
    match node:
        case Pass():
            return {} if isinstance(node.result, Absent) else {"Result": node.result.value}
        case Task():
            return {
                "Resource": node.resource,
                **field("TimeoutSeconds", node.timeout_seconds),
                **field("HeartbeatSeconds", node.heartbeat_seconds),
                **field("Credentials", node.credentials),
            }
        case Choice():
            return {"Choices": [render_rule(rule) for rule in node.rules], **_given(Default=node.default)}
        case Wait():
            return {**field("Seconds", node.seconds), **field("Timestamp", node.timestamp)}
        case Succeed():
            return {}
        case Fail():
            return {**field("Error", node.error), **field("Cause", node.cause)}
        case Parallel():
            return {"Branches": [_machine(branch) for branch in node.branches]}
        case Map():
            return _map(node)
    assert_never(node)


def _map(node: Map) -> Rendered:
    arguments = "Arguments" if node.flow.language is QueryLanguage.JSONATA else "Parameters"
    return {
        **field("Items", node.items),
        **_reader(node.reader, arguments),
        **field("ItemSelector", node.selector),
        **_batcher(node.batcher),
        **field("MaxConcurrency", node.max_concurrency),
        **field("ToleratedFailurePercentage", node.tolerated_failure_percentage),
        **field("ToleratedFailureCount", node.tolerated_failure_count),
        **_given(Label=node.label),
        "ItemProcessor": {**_mode(node), **_machine(node.processor)},
        **_writer(node.writer, arguments),
    }


def _mode(node: Map) -> Rendered:
    if not node.distributed:
        return {}
    return {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": node.child_type}}


def _reader(reader: ItemReader | None, arguments: str) -> Rendered:
    if reader is None:
        return {}
    # Its configuration is kept as it was written, the most items included.
    config = {"ReaderConfig": dict(reader.config)} if reader.config else {}
    return {"ItemReader": {"Resource": reader.resource, **config, **field(arguments, reader.arguments)}}


def _batcher(batcher: ItemBatcher | None) -> Rendered:
    if batcher is None:
        return {}
    return {
        "ItemBatcher": {
            **field("MaxItemsPerBatch", batcher.max_items),
            **field("MaxInputBytesPerBatch", batcher.max_bytes),
            **field("BatchInput", batcher.batch_input),
        }
    }


def _writer(writer: ResultWriter | None, arguments: str) -> Rendered:
    if writer is None:
        return {}
    # One of the two has to be there.
    config = {"WriterConfig": dict(writer.config)} if writer.config or writer.resource is None else {}
    return {
        "ResultWriter": {**_given(Resource=writer.resource), **config, **field(arguments, writer.arguments)}
    }


def _flow(flow: DataFlow) -> Rendered:
    match flow:
        case PathFlow():
            return {
                **path_field("InputPath", flow.input_path),
                **field("Parameters", flow.parameters),
                **field("ResultSelector", flow.result_selector),
                **path_field("ResultPath", flow.result_path),
                **path_field("OutputPath", flow.output_path),
            }
        case JsonataFlow():
            return {**field("Arguments", flow.arguments_template), **field("Output", flow.output_template)}
    raise TypeError(f"not a flow of data: {flow!r}")


def _recovery(node: Node) -> Rendered:
    if not isinstance(node, Task | Parallel | Map):
        return {}
    retry: list[Json] = [_retrier(retrier) for retrier in node.retry]
    catch: list[Json] = [_catcher(catcher) for catcher in node.catch]
    return _given(Retry=retry or None, Catch=catch or None)


def _retrier(retrier: Retrier) -> Rendered:
    said = {
        name: getattr(retrier, attribute)
        for attribute, name in _RETRIER_FIELDS.items()
        if getattr(retrier, attribute) != getattr(_RETRIER_DEFAULTS, attribute)
    }
    return {
        "ErrorEquals": list(retrier.errors),
        **said,
        **_given(JitterStrategy="FULL" if retrier.full_jitter else None),
    }


def _catcher(catcher: Catcher) -> Rendered:
    return {
        "ErrorEquals": list(catcher.errors),
        **_catch_flow(catcher.flow),
        **field("Assign", catcher.assign),
        "Next": catcher.next,
    }


def _catch_flow(flow: CatchFlow) -> Rendered:
    match flow:
        case PathCatchFlow():
            return path_field("ResultPath", flow.result_path)
        case JsonataCatchFlow():
            return field("Output", flow.output_template)
    raise TypeError(f"not a flow of data: {flow!r}")


def _transition(node: Node) -> Rendered:
    if isinstance(node, Choice | Succeed | Fail):
        return {}
    return {"End": True} if node.next is END else {"Next": node.next}
