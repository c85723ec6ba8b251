"""Parallel and Map: states with machines inside."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final
from typing import Literal as OneOf

from workflow_manager.asl.compiling import OPEN, Compiler
from workflow_manager.asl.environment import Expression
from workflow_manager.asl.judging import Fields
from workflow_manager.asl.nodes import ItemBatcher, ItemReader, Machine, Map, Parallel, ResultWriter
from workflow_manager.asl.parse_recovery import parse_catchers, parse_retriers
from workflow_manager.asl.parse_states import shared, transition
from workflow_manager.asl.resources import resource_problem
from workflow_manager.asl.scope import Scope
from workflow_manager.asl.vocabulary import (
    BRANCH,
    ITEM_BATCHER,
    ITEM_READER,
    PROCESSOR,
    READER_CONFIG,
    RESULT_WRITER,
    Vocabulary,
)
from workflow_manager.kernel.json import Json

MAX_LABEL: Final = 40

_NOT_IN_LABELS: Final = re.compile(r"[\s?*<>{}\[\]:;,\\|^~$#%&`\"\x00-\x1f\x7f-\x9f]")
_DISTRIBUTED_ONLY: Final = ("ItemReader", "ItemBatcher", "ResultWriter")


def parse_parallel(name: str, fields: Fields, compiler: Compiler, scope: Scope) -> Parallel:
    fields.require("Branches")
    inner = scope.inner()
    return Parallel(
        **shared(name, fields, compiler),
        next=transition(fields),
        branches=tuple(
            scope.parse_machine(branch, inner, BRANCH) for branch in fields.objects("Branches", nonempty=True)
        ),
        retry=parse_retriers(fields),
        catch=parse_catchers(fields, compiler),
    )


def parse_map(name: str, fields: Fields, compiler: Compiler, scope: Scope) -> Map:
    processor, distributed, child_type = _processor(fields, scope)
    if not distributed:
        for field in _DISTRIBUTED_ONLY:
            if field in fields:
                fields.report("Field is only supported in a Map state whose mode is DISTRIBUTED", field)
    return Map(
        **shared(name, fields, compiler),
        next=transition(fields),
        processor=processor,
        distributed=distributed,
        child_type=child_type,
        items=_items(fields, compiler, distributed=distributed),
        selector=_selector(fields, compiler),
        max_concurrency=compiler.integer(fields, "MaxConcurrency", 0),
        tolerated_failure_percentage=compiler.number(fields, "ToleratedFailurePercentage", 0, 100),
        tolerated_failure_count=compiler.integer(fields, "ToleratedFailureCount", 0),
        label=_label(fields),
        reader=_reader(fields, compiler),
        batcher=_batcher(fields, compiler),
        writer=_writer(fields, compiler),
        retry=parse_retriers(fields),
        catch=parse_catchers(fields, compiler),
    )


def _processor(fields: Fields, scope: Scope) -> tuple[Machine, bool, OneOf["STANDARD", "EXPRESS"]]:
    """The machine inside, whether it runs distributed, and as what kind of executions."""
    name = fields.require_one("ItemProcessor", "Iterator")
    processor = fields.object(name) if name is not None else None
    if processor is None:
        return Machine(start_at="", states={}), False, "STANDARD"
    mode, kind = _mode(processor, scope)
    distributed = mode == "DISTRIBUTED"
    inner = scope.inner(express=kind == "EXPRESS" if distributed else None)
    machine = scope.parse_machine(processor, inner, PROCESSOR)
    return machine, distributed, "EXPRESS" if kind == "EXPRESS" else "STANDARD"


def _mode(processor: Fields, scope: Scope) -> tuple[str | None, str | None]:
    """Mode and ExecutionType.  An old Iterator may have them too, as AWS has it."""
    config = processor.object("ProcessorConfig")
    if config is None:
        return None, None
    config.allow(("Mode", "ExecutionType"))
    mode = config.one_of("Mode", ("INLINE", "DISTRIBUTED"))
    kind = config.one_of("ExecutionType", ("STANDARD", "EXPRESS"))
    if mode != "DISTRIBUTED":
        if "ExecutionType" in config:
            config.report("Field is only supported when 'Mode' is 'DISTRIBUTED'", "ExecutionType")
        return mode, kind
    config.require("ExecutionType")
    if scope.express:
        config.report("Express state machine does not support Map states in DISTRIBUTED mode", "Mode")
    return mode, kind


def _items(fields: Fields, compiler: Compiler, *, distributed: bool) -> Expression | None:
    """An array; in a distributed Map an object is as good."""
    if not compiler.is_jsonata:
        return compiler.field_path(fields, "ItemsPath")
    given = fields.values.get("Items")
    if isinstance(given, str):
        return compiler.expecting(fields, "Items", "array", also="object" if distributed else None)
    if not (distributed and isinstance(given, dict)):
        fields.list("Items")
    return compiler.template(fields, "Items")


def _selector(fields: Fields, compiler: Compiler) -> Expression | None:
    if compiler.is_jsonata or fields.choose("ItemSelector", "Parameters") == "ItemSelector":
        return compiler.template(fields, "ItemSelector")
    return compiler.template(fields, "Parameters")


def _label(fields: Fields) -> str | None:
    label = fields.text("Label")
    if label is None:
        return None
    if not label:
        fields.report("Label cannot be empty", "Label")
    elif len(label) > MAX_LABEL:
        fields.report(f"Label cannot exceed {MAX_LABEL} characters", "Label")
    elif found := _NOT_IN_LABELS.search(label):
        fields.report(f"Label contains invalid character: {found.group()!r}", "Label")
    return label


def _part(fields: Fields, name: str, vocabulary: Vocabulary, compiler: Compiler) -> Fields | None:
    part = fields.object(name)
    if part is not None:
        part.allow(vocabulary.allowed(compiler.language), vocabulary.elsewhere(compiler.language))
    return part


def _reader(fields: Fields, compiler: Compiler) -> ItemReader | None:
    reader = _part(fields, "ItemReader", ITEM_READER, compiler)
    if reader is None:
        return None
    reader.require("Resource")
    config = _part(reader, "ReaderConfig", READER_CONFIG, compiler)
    if config is not None:
        config.one_of("InputType", ("CSV", "JSON", "JSONL", "MANIFEST", "PARQUET"))
        config.one_of("CSVHeaderLocation", ("FIRST_ROW", "GIVEN"))
        config.one_of("CSVDelimiter", ("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"))
        config.one_of("ManifestType", ("ATHENA_DATA", "S3_INVENTORY"))
        config.one_of("Transformation", ("NONE", "LOAD_AND_FLATTEN"))
        config.texts("CSVHeaders", nonempty=True)
        config.text("ItemsPointer")
    return ItemReader(
        resource=_resource(reader),
        arguments=_arguments(reader, compiler),
        config={} if config is None else config.values,
        max_items=None if config is None else compiler.integer(config, "MaxItems", 0),
    )


def _batcher(fields: Fields, compiler: Compiler) -> ItemBatcher | None:
    batcher = _part(fields, "ItemBatcher", ITEM_BATCHER, compiler)
    if batcher is None:
        return None
    limits = ("MaxItemsPerBatch", "MaxInputBytesPerBatch")
    if not any(name in batcher or f"{name}Path" in batcher for name in limits):
        batcher.report(f"At least one of these fields is required: [{', '.join(limits)}]")
    return ItemBatcher(
        max_items=compiler.integer(batcher, "MaxItemsPerBatch", 1),
        max_bytes=compiler.integer(batcher, "MaxInputBytesPerBatch", 1, MAX_BATCH_BYTES),
        batch_input=compiler.template(batcher, "BatchInput"),
    )


MAX_BATCH_BYTES: Final = 262_144


def _writer(fields: Fields, compiler: Compiler) -> ResultWriter | None:
    writer = _part(fields, "ResultWriter", RESULT_WRITER, compiler)
    if writer is None:
        return None
    if "WriterConfig" not in writer or "Resource" in writer:
        writer.require("Resource")
    config = writer.object("WriterConfig")
    if config is not None:
        config.allow(("Transformation", "OutputType"))
        config.one_of("Transformation", ("NONE", "COMPACT", "FLATTEN"))
        config.one_of("OutputType", ("JSON", "JSONL"))
    return ResultWriter(
        resource=_resource(writer) or None,
        arguments=_arguments(writer, compiler),
        config={} if config is None else config.values,
    )


def _resource(part: Fields) -> str:
    resource = part.text("Resource")
    if resource is not None and (problem := resource_problem(resource)):
        part.report(problem, "Resource")
    return resource or ""


def _arguments(part: Fields, compiler: Compiler) -> Expression | None:
    name = "Arguments" if compiler.is_jsonata else "Parameters"
    given: Json = part.values.get(name)
    if compiler.is_jsonata and isinstance(given, str) and given.startswith(OPEN):
        return compiler.template(part, name)
    return compiler.object_template(part, name)


FANOUT: Final[Mapping[str, Callable[[str, Fields, Compiler, Scope], Parallel | Map]]] = {
    "Parallel": parse_parallel,
    "Map": parse_map,
}
