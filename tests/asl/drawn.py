"""Hypothesis strategies for what stands in the fields of a state."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from workflow_manager.asl.choice import COMPARISONS, PATH_COMPARISONS, TYPE_TESTS

Fields = dict[str, Any]

INNER_PATHS = st.sampled_from(["$.a", "$.a.b", "$.list[0]", "$['a b']"])
PATHS = INNER_PATHS | st.sampled_from(["$", "$['a']", "$$.Execution.Name", "$found.a", "$.list[*].a", "$..a"])
INTRINSICS = st.sampled_from(
    [
        "States.UUID()",
        "States.Format('{} and {}', $.a, 'b')",
        "States.Array(1, 'x', null, States.ArrayLength($.l))",
        "States.MathAdd($found, 1)",
    ]
)
JSONATA = st.sampled_from(
    [
        "{% 1 + 1 %}",
        "{%$states.input.a%}",
        "{% $found & 'x' %}",
        "{%\n  $states.context.Execution.Name\n%}",
        "{% [1..3] %}",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers(-5, 10**6) | st.sampled_from(["", "text", "ünïcode", "a.b"])
TIMESTAMPS = st.sampled_from(["2016-03-14T01:59:00Z", "2030-01-01T00:00:00.123+02:00"])
COMMENTS = st.text(max_size=5)
RESOURCES = st.sampled_from(
    [
        "arn:aws:states:us-east-1:123456789012:activity:work",
        "arn:aws:lambda:us-east-1:123456789012:function:f",
        "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST",
        # Whatever arguments are drawn, these integrations take them.
        "arn:aws:states:::eks:call",
        "arn:aws:states:::eks:call.waitForTaskToken",
        "arn:aws:states:::codebuild:startBuild.sync",
        "arn:aws:states:::aws-sdk:dynamodb:getItem",
    ]
)
ERRORS = st.lists(
    st.sampled_from(["States.TaskFailed", "States.Timeout", "Boom", "My.Error"]), min_size=1, max_size=2
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def maybe(draw: st.DrawFn, fields: Fields, name: str, values: st.SearchStrategy[Any]) -> None:
    if draw(st.booleans()):
        fields[name] = draw(values)


def maybe_number(
    draw: st.DrawFn, fields: Fields, name: str, jsonata: bool, values: st.SearchStrategy[Any]
) -> None:
    """The field as a literal, as `<name>Path`, or as JSONata."""
    if jsonata:
        maybe(draw, fields, name, values | JSONATA)
    else:
        maybe(draw, fields, *draw(st.sampled_from([(name, values), (f"{name}Path", INNER_PATHS)])))


@st.composite
def templates(draw: st.DrawFn, jsonata: bool, depth: int = 2) -> Fields:
    """An object that is a template of the language."""
    template: Fields = {}
    for name in draw(st.lists(st.sampled_from("abcdef"), max_size=3, unique=True)):
        kind = draw(st.integers(0, 3))
        if kind == 0 and depth:
            template[name] = draw(templates(jsonata, depth - 1))
        elif kind == 1 and depth:
            template[name] = [draw(SCALARS), draw(templates(jsonata, depth - 1))]
        elif kind == 2:
            template[name] = draw(SCALARS)
        elif jsonata:
            template[name] = draw(JSONATA)
        else:
            template[f"{name}.$"] = draw(PATHS | INTRINSICS)
    return template


@st.composite
def credentials(draw: st.DrawFn, jsonata: bool) -> Fields:
    role = draw(st.sampled_from([("RoleArn", "arn:aws:iam::123456789012:role/r"), ("RoleArn.$", "$.role")]))
    return {"RoleArn": draw(JSONATA)} if jsonata else dict([role])


@st.composite
def retriers(draw: st.DrawFn) -> Fields:
    retrier: Fields = {"ErrorEquals": draw(ERRORS)}
    maybe(draw, retrier, "IntervalSeconds", st.integers(1, 10))
    maybe(draw, retrier, "MaxAttempts", st.integers(0, 5))
    maybe(draw, retrier, "BackoffRate", st.sampled_from([1, 1.0, 1.5, 2]))
    maybe(draw, retrier, "MaxDelaySeconds", st.integers(11, 60))
    maybe(draw, retrier, "JitterStrategy", st.sampled_from(["FULL", "NONE"]))
    maybe(draw, retrier, "Comment", COMMENTS)
    return retrier


@st.composite
def catchers(draw: st.DrawFn, siblings: list[str], jsonata: bool) -> Fields:
    catcher = {"ErrorEquals": draw(ERRORS), "Next": draw(st.sampled_from(siblings))}
    maybe(draw, catcher, "Comment", COMMENTS)
    maybe(draw, catcher, "Assign", templates(jsonata))
    if jsonata:
        maybe(draw, catcher, "Output", st.just("{% $states.errorOutput %}") | templates(True))
    else:
        maybe(draw, catcher, "ResultPath", INNER_PATHS | st.none() | st.just("$"))
    return catcher


@st.composite
def recovery(draw: st.DrawFn, entries: st.SearchStrategy[Fields]) -> list[Fields]:
    """A Retry or a Catch, which may end with an entry for everything."""
    found = draw(st.lists(entries, max_size=2))
    if found and draw(st.booleans()):
        found[-1]["ErrorEquals"] = ["States.ALL"]
    return found


@st.composite
def rules(draw: st.DrawFn, siblings: list[str], jsonata: bool) -> Fields:
    rule: Fields
    if jsonata:
        rule = {
            "Condition": draw(st.booleans() | st.sampled_from(["{% true %}", "{% $states.input.a = 1 %}"]))
        }
        maybe(draw, rule, "Output", templates(True))
    else:
        rule = draw(tests(2))
    rule["Next"] = draw(st.sampled_from(siblings))
    maybe(draw, rule, "Comment", COMMENTS)
    maybe(draw, rule, "Assign", templates(jsonata))
    return rule


OPERANDS: dict[str, st.SearchStrategy[Any]] = {
    "String": st.sampled_from(["x", "", "ünïcode 😀"]),
    "Numeric": st.sampled_from([0, -1.5, 10**30]),
    "Timestamp": TIMESTAMPS,
    "Boolean": st.booleans(),
}


def _operand(operator: str) -> st.SearchStrategy[Any]:
    if operator in PATH_COMPARISONS:
        return PATHS
    if operator == "StringMatches":
        return st.sampled_from(["a*", "*\\*\\\\", "", "**"])
    if operator in COMPARISONS:
        return next(values for kind, values in OPERANDS.items() if operator.startswith(kind))
    return st.booleans()


OPERATORS = sorted({*COMPARISONS, *PATH_COMPARISONS, *TYPE_TESTS, "IsPresent"})


@st.composite
def tests(draw: st.DrawFn, depth: int) -> Fields:
    """A condition in JSONPath, of all operators."""
    kind = draw(st.sampled_from(["Variable", "And", "Or", "Not"] if depth else ["Variable"]))
    if kind == "Not":
        return {"Not": draw(tests(depth - 1))}
    if kind != "Variable":
        return {kind: draw(st.lists(tests(depth - 1), min_size=1, max_size=2))}
    operator = draw(st.sampled_from(OPERATORS))
    return {"Variable": draw(PATHS), operator: draw(_operand(operator))}


@st.composite
def readers(draw: st.DrawFn, jsonata: bool) -> Fields:
    config: Fields = {"InputType": draw(st.sampled_from(["CSV", "JSON", "JSONL", "MANIFEST"]))}
    maybe(draw, config, "CSVHeaderLocation", st.just("FIRST_ROW"))
    maybe(draw, config, "CSVHeaders", st.just(["a", "b"]))
    maybe(draw, config, "CSVDelimiter", st.sampled_from(["COMMA", "TAB"]))
    maybe(draw, config, "ManifestType", st.just("S3_INVENTORY"))
    maybe(draw, config, "ItemsPointer", st.just("/items"))
    maybe_number(draw, config, "MaxItems", jsonata, st.integers(0, 10))
    reader: Fields = {"Resource": draw(st.sampled_from(["getObject", "listObjectsV2"]))}
    reader["Resource"] = f"arn:aws:states:::s3:{reader['Resource']}"
    maybe(draw, reader, "ReaderConfig", st.just(config))
    maybe(draw, reader, "Arguments" if jsonata else "Parameters", templates(jsonata))
    return reader


@st.composite
def batchers(draw: st.DrawFn, jsonata: bool) -> Fields:
    batcher: Fields = {}
    maybe_number(draw, batcher, "MaxItemsPerBatch", jsonata, st.integers(1, 10))
    maybe_number(draw, batcher, "MaxInputBytesPerBatch", jsonata, st.integers(1, 262_144))
    maybe(draw, batcher, "BatchInput", templates(jsonata))
    if not batcher.keys() - {"BatchInput"}:
        batcher["MaxItemsPerBatch"] = 2
    return batcher


@st.composite
def writers(draw: st.DrawFn, jsonata: bool) -> Fields:
    config: Fields = {}
    maybe(draw, config, "Transformation", st.sampled_from(["NONE", "COMPACT", "FLATTEN"]))
    maybe(draw, config, "OutputType", st.sampled_from(["JSON", "JSONL"]))
    if draw(st.booleans()):
        return {"WriterConfig": config}
    writer: Fields = {"Resource": "arn:aws:states:::s3:putObject"}
    maybe(draw, writer, "WriterConfig", st.just(config))
    maybe(draw, writer, "Arguments" if jsonata else "Parameters", templates(jsonata))
    return writer
