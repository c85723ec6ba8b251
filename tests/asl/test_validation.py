"""What is reported for a wrong definition: AWS's code, text and place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workflow_manager.asl.parse import parse
from workflow_manager.asl.validate import diagnose
from workflow_manager.kernel.errors import InvalidDefinition

ARN = "arn:aws:states:us-east-1:123456789012:activity:work"
PASS = {"Type": "Pass", "End": True}


def machine(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A definition whose first state, X, is the one in question; it can go on to Y."""
    states: dict[str, Any] = {"X": state}
    if "Y" in json.dumps(state):
        states["Y"] = {"Type": "Succeed"}
    return {"StartAt": "X", "States": states, **more}


def task(**more: Any) -> dict[str, Any]:
    return machine({"Type": "Task", "Resource": ARN, "End": True, **more})


def choice(*rules: Any, **more: Any) -> dict[str, Any]:
    return machine({"Type": "Choice", "Choices": list(rules), "Default": "Y", **more})


def map_(**more: Any) -> dict[str, Any]:
    processor = {"StartAt": "I", "States": {"I": PASS}}
    return machine({"Type": "Map", "ItemProcessor": processor, "End": True, **more})


def distributed(**more: Any) -> dict[str, Any]:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    processor = {"ProcessorConfig": config, "StartAt": "I", "States": {"I": PASS}}
    return machine({"Type": "Map", "ItemProcessor": processor, "End": True, **more})


def jsonata(state: dict[str, Any]) -> dict[str, Any]:
    return machine(state, QueryLanguage="JSONata")


def errors(definition: Any, **options: Any) -> list[str]:
    text = definition if isinstance(definition, str) else json.dumps(definition)
    return [
        f"{problem.code}: {problem.message} at {problem.place}"
        for problem in diagnose(text, **options)
        if problem.severity == "ERROR"
    ]


SCHEMA = {
    "no states and no start": ({}, "These fields are required: [States, StartAt] at /"),
    "no start": ({"States": {"X": PASS}}, "These fields are required: [StartAt] at /"),
    "not an object": ([], "Expected value of type Object at /"),
    "no states in it": ({"StartAt": "X", "States": {}}, "Value cannot be empty at /States"),
    "unknown field of the machine": (machine(PASS, Foo=1), "Field is not supported at /Foo"),
    "timeout of the machine": (
        machine(PASS, TimeoutSeconds=0),
        "Value must be greater than or equal to 1 at /TimeoutSeconds",
    ),
    "unknown language": (
        machine(PASS, QueryLanguage="XPath"),
        "Value is not one of the supported values: [JSONPath, JSONata] at /QueryLanguage",
    ),
    "no type": (machine({"End": True}), "These fields are required: [Type] at /States/X"),
    "unknown type": (
        machine({"Type": "Paß", "End": True}),
        "Value is not one of the supported values: [Choice, Fail, Map, Parallel, Pass, Succeed, Task, Wait]"
        " at /States/X/Type",
    ),
    "a state that is a text": (machine("Pass"), "Expected value of type Object at /States/X"),  # type: ignore[arg-type]
    "unknown field": (machine({**PASS, "Foo": 1}), "Field is not supported at /States/X/Foo"),
    "field of another type": (machine({**PASS, "Retry": []}), "Field is not supported at /States/X/Retry"),
    "field of the other language": (
        machine({**PASS, "Output": 1}),
        "Field is not supported when 'QueryLanguage' is 'JSONPath' at /States/X/Output",
    ),
    "path in JSONata": (
        jsonata({**PASS, "InputPath": "$"}),
        "Field is not supported when 'QueryLanguage' is 'JSONata' at /States/X/InputPath",
    ),
    "JSONPath below JSONata": (
        jsonata({**PASS, "QueryLanguage": "JSONPath"}),
        "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/X",
    ),
    "neither next nor end": (
        machine({"Type": "Pass"}),
        "Exactly one of these fields is required: [Next, End] at /States/X",
    ),
    "next and end": (
        machine({**PASS, "Next": "Y"}),
        "Only one of these fields is allowed: [Next, End] at /States/X",
    ),
    "end that is a text": (
        machine({"Type": "Pass", "End": "true"}),
        "Expected value of type Boolean at /States/X/End",
    ),
    "next of a state that ends": (
        machine({"Type": "Fail", "Next": "X"}),
        "Field is not supported at /States/X/Next",
    ),
    "comment": (machine({**PASS, "Comment": 1}), "Expected value of type String at /States/X/Comment"),
    "resource missing": (
        machine({"Type": "Task", "End": True}),
        "These fields are required: [Resource] at /States/X",
    ),
    "resource": (task(Resource="work"), "Value is not a valid resource ARN at /States/X/Resource"),
    "integration": (
        task(Resource="arn:aws:states:::lambda"),
        "The resource provided arn:aws:states:::lambda is not recognized. The value is not a valid resource"
        " ARN, or the resource is not available in this region. at /States/X/Resource",
    ),
    "action without an integration": (
        task(Resource="arn:aws:states:::dynamodb:query"),
        "The resource provided arn:aws:states:::dynamodb:query is not recognized. The value is not a valid"
        " resource ARN, or the resource is not available in this region. at /States/X/Resource",
    ),
    "service without an integration": (
        task(Resource="arn:aws:states:::s3:getObject"),
        "The resource provided arn:aws:states:::s3:getObject is not recognized. The value is not a valid"
        " resource ARN, or the resource is not available in this region. at /States/X/Resource",
    ),
    "job that cannot be waited for": (
        task(Resource="arn:aws:states:::sqs:sendMessage.sync"),
        "The resource provided arn:aws:states:::sqs:sendMessage.sync is not recognized. The value is not a"
        " valid resource ARN, or the resource is not available in this region. at /States/X/Resource",
    ),
    "callback that nobody gives": (
        task(Resource="arn:aws:states:::dynamodb:getItem.waitForTaskToken"),
        "The resource provided arn:aws:states:::dynamodb:getItem.waitForTaskToken is not recognized. The"
        " value is not a valid resource ARN, or the resource is not available in this region."
        " at /States/X/Resource",
    ),
    "argument that nobody knows": (
        task(Resource="arn:aws:states:::sns:publish", Parameters={"Mesage.$": "$", "Message": "m"}),
        'The field "Mesage" is not supported by Step Functions at /States/X/Parameters',
    ),
    "argument that is missing": (
        task(Resource="arn:aws:states:::lambda:invoke.waitForTaskToken", Parameters={"Payload.$": "$"}),
        "The field 'FunctionName' is required but was missing at /States/X/Parameters",
    ),
    "argument that is missing, in JSONata": (
        task(Resource="arn:aws:states:::events:putEvents", Arguments={}, QueryLanguage="JSONata"),
        "The field 'Entries' is required but was missing at /States/X/Arguments",
    ),
    "heartbeat above timeout": (
        task(TimeoutSeconds=5, HeartbeatSeconds=5),
        "HeartbeatSeconds must be less than TimeoutSeconds at /States/X/HeartbeatSeconds",
    ),
    "timeout that several places may give": (
        task(TimeoutSecondsPath="$.limits[*].seconds"),
        "Value is not a Reference Path: it does not name a single place at /States/X/TimeoutSecondsPath",
    ),
    "time to wait for that several places may give": (
        machine({"Type": "Wait", "TimestampPath": "$..due", "End": True}),
        "Value is not a Reference Path: it does not name a single place at /States/X/TimestampPath",
    ),
    "concurrency that is counted": (
        map_(MaxConcurrencyPath="$.items.length()"),
        "Value is not a Reference Path: it does not name a single place at /States/X/MaxConcurrencyPath",
    ),
    "timeout of zero": (
        task(TimeoutSeconds=0),
        "Value must be greater than or equal to 1 at /States/X/TimeoutSeconds",
    ),
    "timeout too long": (
        task(TimeoutSeconds=100_000_000),
        "Value must be less than or equal to 99999999 at /States/X/TimeoutSeconds",
    ),
    "timeout and its path": (
        task(TimeoutSeconds=1, TimeoutSecondsPath="$.t"),
        "Only one of these fields is allowed: [TimeoutSeconds, TimeoutSecondsPath] at /States/X",
    ),
    "timeout that is true": (
        task(TimeoutSeconds=True),
        "Expected value of type Integer at /States/X/TimeoutSeconds",
    ),
    "credentials": (
        task(Credentials={}),
        "The field 'RoleArn' is required but was missing at /States/X/Credentials",
    ),
    "retry of nothing": (
        task(Retry=[{}]),
        "These fields are required: [ErrorEquals] at /States/X/Retry[0]",
    ),
    "no errors": (
        task(Retry=[{"ErrorEquals": []}]),
        "Value cannot be empty at /States/X/Retry[0]/ErrorEquals",
    ),
    "an error that is a number": (
        task(Retry=[{"ErrorEquals": ["a", 1]}]),
        "Expected value of type String at /States/X/Retry[0]/ErrorEquals[1]",
    ),
    "States.ALL beside another": (
        task(Retry=[{"ErrorEquals": ["States.ALL", "a"]}]),
        "States.ALL must appear alone in ErrorEquals at /States/X/Retry[0]/ErrorEquals",
    ),
    "States.ALL before another": (
        task(Retry=[{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["a"]}]),
        "States.ALL must be in the last entry of its list at /States/X/Retry[0]/ErrorEquals",
    ),
    "backoff below one": (
        task(Retry=[{"ErrorEquals": ["a"], "BackoffRate": 0.5}]),
        "Value must be greater than or equal to 1.0 at /States/X/Retry[0]/BackoffRate",
    ),
    "attempts below zero": (
        task(Retry=[{"ErrorEquals": ["a"], "MaxAttempts": -1}]),
        "Value must be greater than or equal to 0 at /States/X/Retry[0]/MaxAttempts",
    ),
    "delay below interval": (
        task(Retry=[{"ErrorEquals": ["a"], "IntervalSeconds": 9, "MaxDelaySeconds": 9}]),
        "MaxDelaySeconds must be greater than IntervalSeconds at /States/X/Retry[0]/MaxDelaySeconds",
    ),
    "jitter": (
        task(Retry=[{"ErrorEquals": ["a"], "JitterStrategy": "SOME"}]),
        "Value is not one of the supported values: [FULL, NONE] at /States/X/Retry[0]/JitterStrategy",
    ),
    "catcher without next": (
        task(Catch=[{"ErrorEquals": ["a"]}]),
        "These fields are required: [Next] at /States/X/Catch[0]",
    ),
    "catch that is an object": (task(Catch={}), "Expected value of type Array at /States/X/Catch"),
    "wait for nothing": (
        machine({"Type": "Wait", "End": True}),
        "Exactly one of these fields is required: [Seconds, SecondsPath, Timestamp, TimestampPath]"
        " at /States/X",
    ),
    "wait for two things": (
        machine({"Type": "Wait", "End": True, "Seconds": 1, "TimestampPath": "$.t"}),
        "Only one of these fields is allowed: [Seconds, TimestampPath] at /States/X",
    ),
    "timestamp": (
        machine({"Type": "Wait", "End": True, "Timestamp": "2016-12-05T21:29:29"}),
        "String does not match RFC3339 timestamp at /States/X/Timestamp",
    ),
    "fail with error twice": (
        machine({"Type": "Fail", "Error": "a", "ErrorPath": "$.a"}),
        "Only one of these fields is allowed: [Error, ErrorPath] at /States/X",
    ),
    "no choices": (
        machine({"Type": "Choice", "Default": "Y"}),
        "These fields are required: [Choices] at /States/X",
    ),
    "empty choices": (choice(), "Value cannot be empty at /States/X/Choices"),
    "rule without next": (
        choice({"Variable": "$.a", "IsNull": True}),
        "These fields are required: [Next] at /States/X/Choices[0]",
    ),
    "rule without operator": (
        choice({"Variable": "$.a", "Next": "Y"}),
        "A comparison operator is required at /States/X/Choices[0]",
    ),
    "rule without variable": (
        choice({"IsNull": True, "Next": "Y"}),
        "Exactly one of these fields is required: [Variable, And, Or, Not] at /States/X/Choices[0]",
    ),
    "two operators": (
        choice({"Variable": "$.a", "IsNull": True, "IsString": True, "Next": "Y"}),
        "Only one of these fields is allowed: [IsNull, IsString] at /States/X/Choices[0]",
    ),
    "unknown operator": (
        choice({"Variable": "$.a", "IsNul": True, "IsNull": True, "Next": "Y"}),
        "Field is not supported at /States/X/Choices[0]/IsNul",
    ),
    "next within and": (
        choice({"And": [{"Variable": "$.a", "IsNull": True, "Next": "Y"}], "Next": "Y"}),
        "Field is only supported in a top-level choice rule at /States/X/Choices[0]/And[0]/Next",
    ),
    "empty or": (choice({"Or": [], "Next": "Y"}), "Value cannot be empty at /States/X/Choices[0]/Or"),
    "not of a list": (
        choice({"Not": [], "Next": "Y"}),
        "Expected value of type Object at /States/X/Choices[0]/Not",
    ),
    "text against a number": (
        choice({"Variable": "$.a", "NumericEquals": "1", "Next": "Y"}),
        "Expected value of type Float at /States/X/Choices[0]/NumericEquals",
    ),
    "timestamp against a text": (
        choice({"Variable": "$.a", "TimestampEquals": "today", "Next": "Y"}),
        "String does not match RFC3339 timestamp at /States/X/Choices[0]/TimestampEquals",
    ),
    "condition in JSONPath": (
        choice({"Condition": "{% true %}", "Variable": "$.a", "IsNull": True, "Next": "Y"}),
        "Field is not supported when 'QueryLanguage' is 'JSONPath' at /States/X/Choices[0]/Condition",
    ),
    "no condition in JSONata": (
        choice({"Next": "Y"}, QueryLanguage="JSONata"),
        "These fields are required: [Condition] at /States/X/Choices[0]",
    ),
    "condition that is a plain text": (
        choice({"Condition": "true", "Next": "Y"}, QueryLanguage="JSONata"),
        "Expected value of type Boolean or a JSONata expression at /States/X/Choices[0]/Condition",
    ),
    "no branches": (
        machine({"Type": "Parallel", "Branches": [], "End": True}),
        "Value cannot be empty at /States/X/Branches",
    ),
    "branch without states": (
        machine({"Type": "Parallel", "Branches": [{"StartAt": "B"}], "End": True}),
        "These fields are required: [States] at /States/X/Branches[0]",
    ),
    "language of a branch": (
        machine(
            {
                "Type": "Parallel",
                "Branches": [{"QueryLanguage": "JSONata", "StartAt": "B", "States": {"B": PASS}}],
                "End": True,
            }
        ),
        "Field is not supported at /States/X/Branches[0]/QueryLanguage",
    ),
    "no processor": (
        machine({"Type": "Map", "End": True}),
        "Exactly one of these fields is required: [ItemProcessor, Iterator] at /States/X",
    ),
    "concurrency below zero": (
        map_(MaxConcurrency=-1),
        "Value must be greater than or equal to 0 at /States/X/MaxConcurrency",
    ),
    "selector twice": (
        map_(ItemSelector={}, Parameters={}),
        "Only one of these fields is allowed: [ItemSelector, Parameters] at /States/X",
    ),
    "percentage": (
        map_(ToleratedFailurePercentage=101),
        "Value must be less than or equal to 100 at /States/X/ToleratedFailurePercentage",
    ),
    "label": (map_(Label="a b"), "Label contains invalid character: ' ' at /States/X/Label"),
    "reader in an inline map": (
        map_(ItemReader={"Resource": "arn:aws:states:::s3:getObject"}),
        "Field is only supported in a Map state whose mode is DISTRIBUTED at /States/X/ItemReader",
    ),
    "reader without resource": (
        distributed(ItemReader={}),
        "These fields are required: [Resource] at /States/X/ItemReader",
    ),
    "batches of nothing": (
        distributed(ItemBatcher={}),
        "At least one of these fields is required: [MaxItemsPerBatch, MaxInputBytesPerBatch]"
        " at /States/X/ItemBatcher",
    ),
    "items that are a number": (
        jsonata({**map_()["States"]["X"], "Items": 1}),
        "Expected value of type Array at /States/X/Items",
    ),
    "template": (
        machine({**PASS, "Parameters": {"a": [{"b.$": "c"}]}}),
        "The value for the field 'b.$' must be a valid JSONPath or a valid intrinsic function call"
        " at /States/X/Parameters",
    ),
    "template with a number for a path": (
        machine({**PASS, "Parameters": {"b.$": 1}}),
        "The value for the field 'b.$' must be a valid JSONPath or a valid intrinsic function call"
        " at /States/X/Parameters",
    ),
    "name twice in a template": (
        machine({**PASS, "Parameters": {"b.$": "$.b", "b": 1}}),
        "The fields 'b' and 'b.$' cannot both be given at /States/X/Parameters",
    ),
    "assign that is a list": (
        machine({**PASS, "Assign": []}),
        "Expected value of type Object at /States/X/Assign",
    ),
    "assign to states": (
        machine({**PASS, "Assign": {"states": 1}}),
        "The variable name 'states' is reserved at /States/X/Assign",
    ),
    "assign to no name": (
        machine({**PASS, "Assign": {"a-b.$": "$.a"}}),
        "'a-b' is not a valid variable name at /States/X/Assign",
    ),
    "JSONata that is not closed": (
        jsonata({**PASS, "Output": {"a": ["{% 1"]}}),
        "A JSONata expression must start with '{%' and end with '%}' at /States/X/Output/a[0]",
    ),
    "result where there is none": (
        jsonata({**PASS, "Output": "{% $states.result %}"}),
        "$states.result is not available in the field 'Output' at /States/X/Output",
    ),
    "error output outside of a catcher": (
        jsonata({"Type": "Task", "Resource": ARN, "End": True, "Output": "{% $states.errorOutput %}"}),
        "$states.errorOutput is not available in the field 'Output' at /States/X/Output",
    ),
    "state name too long": (
        {"StartAt": "n" * 81, "States": {"n" * 81: PASS}},
        f"State name must not be longer than 80 characters at /States/{'n' * 81}",
    ),
}


@pytest.mark.parametrize(("definition", "expected"), SCHEMA.values(), ids=SCHEMA.keys())
def test_a_wrong_field_is_reported_at_its_place(definition: Any, expected: str) -> None:
    assert errors(definition) == [f"SCHEMA_VALIDATION_FAILED: {expected}"]


REFERENCE_PATHS = [
    ("$.a.b[0]['c d']", True),
    ("$", True),
    (None, True),
    ("$.a[*]", False),
    ("$..a", False),
    ("$.a[1:2]", False),
    ("$.a[?(@.b)]", False),
    ("$.a.length()", False),
    ("$['a','b']", False),
    ("$$.Execution", False),
    ("$variable.a", False),
    ("a", False),
    ("States.UUID()", False),
    ("", False),
    (1, False),
]


@pytest.mark.parametrize(("path", "allowed"), REFERENCE_PATHS)
def test_a_result_path_names_one_place_of_the_input(path: Any, allowed: bool) -> None:
    for definition in (
        task(ResultPath=path),
        task(Catch=[{"ErrorEquals": ["a"], "Next": "X", "ResultPath": path}]),
    ):
        assert (errors(definition) == []) is allowed


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("$.a[*].b", True),
        ("$.list[(@.length-1)].b", True),
        ("$$.Execution.Id", True),
        ("$variable[0]", True),
        ("$.a[1", False),
        ("a.b", False),
        ("States.UUID()", False),
        ("", False),
        (0, False),
    ],
)
@pytest.mark.parametrize("field", ["InputPath", "OutputPath"])
def test_an_input_path_reads_anything(field: str, path: Any, allowed: bool) -> None:
    assert (errors(machine({**PASS, field: path})) == []) is allowed


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        ("$.a", True),
        ("States.Format('{}', $.a)", True),
        ("States.Nope()", False),
        ("States.MathAdd(1, 'x')", False),
        ("States.Array(1", False),
    ],
)
def test_intrinsic_calls_are_judged_with_the_definition(value: str, allowed: bool) -> None:
    assert (errors(machine({**PASS, "Parameters": {"x.$": value}})) == []) is allowed
    assert (errors(machine({"Type": "Fail", "CausePath": value})) == []) is allowed


def test_a_state_name_of_80_characters_is_allowed() -> None:
    assert errors({"StartAt": "n" * 80, "States": {"n" * 80: PASS}}) == []


GRAPH = {
    "start": (
        {"StartAt": "Z", "States": {"X": PASS}},
        ["MISSING_TRANSITION_TARGET: Missing 'StartAt' target: Z at /StartAt"],
    ),
    "next": (
        machine({"Type": "Pass", "Next": "Z"}),
        [
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: Z at /States/X/Next",
            "MISSING_TERMINAL_STATE: No terminal state found at /States",
        ],
    ),
    "default and rule": (
        machine(
            {"Type": "Choice", "Choices": [{"Variable": "$", "IsNull": True, "Next": "Z"}], "Default": "Q"},
        )
        | {
            "States": {
                "X": {
                    "Type": "Choice",
                    "Choices": [{"Variable": "$", "IsNull": True, "Next": "Z"}],
                    "Default": "Q",
                },
                "E": {"Type": "Succeed"},
            }
        },
        [
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: Z at /States/X/Choices[0]/Next",
            "MISSING_TRANSITION_TARGET: Missing 'Default' target: Q at /States/X/Default",
            'MISSING_TRANSITION_TARGET: State "E" is not reachable. at /States/E',
        ],
    ),
    "catch": (
        task(Catch=[{"ErrorEquals": ["a"], "Next": "Z"}]),
        ["MISSING_TRANSITION_TARGET: Missing 'Next' target: Z at /States/X/Catch[0]/Next"],
    ),
    "not reached": (
        {"StartAt": "X", "States": {"X": PASS, "A": {"Type": "Pass", "Next": "B"}, "B": PASS}},
        [
            'MISSING_TRANSITION_TARGET: State "A" is not reachable. at /States/A',
            'MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B',
        ],
    ),
    "inside": (
        machine(
            {
                "Type": "Parallel",
                "End": True,
                "Branches": [{"StartAt": "B", "States": {"B": {"Type": "Pass", "Next": "X"}, "C": PASS}}],
            }
        ),
        [
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/X/Branches[0]/States/B/Next",
            'MISSING_TRANSITION_TARGET: State "C" is not reachable. at /States/X/Branches[0]/States/C',
        ],
    ),
    "no end": (
        {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}},
        ["MISSING_TERMINAL_STATE: No terminal state found at /States"],
    ),
    "name twice": (
        machine({"Type": "Parallel", "End": True, "Branches": [{"StartAt": "X", "States": {"X": PASS}}]}),
        ["DUPLICATE_STATE_NAME: Duplicate State name: X at /States/X/Branches[0]/States/X"],
    ),
}


@pytest.mark.parametrize(("definition", "expected"), GRAPH.values(), ids=GRAPH.keys())
def test_states_have_to_hang_together(definition: Any, expected: list[str]) -> None:
    assert errors(definition) == expected


VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

NOT_JSON = [
    ("not a definition", f"Unrecognized token 'not': was expecting {VALUES}", 1, 4),
    ("", "No content to map due to end-of-input", 1, 0),
    (" \n", "No content to map due to end-of-input", 1, 0),
    (
        '{"a": 1,}',
        "Unexpected character ('}' (code 125)): was expecting double-quote to start field name",
        1,
        10,
    ),
    (
        '{"a" 1}',
        "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
        1,
        7,
    ),
    (
        '{"a": 1\n "b": 2}',
        "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries",
        2,
        3,
    ),
    ("[1 2]", "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries", 1, 5),
    ('{"a": }', f"Unexpected character ('}}' (code 125)): expected a valid value {VALUES}", 1, 8),
    (
        '{"a": [',
        "Unexpected end-of-input: expected close marker for Array"
        """ (start marker at [Source: (String)"{"a": ["; line: 1, column: 7])""",
        1,
        8,
    ),
    (
        '{"a": 1',
        "Unexpected end-of-input: expected close marker for Object"
        """ (start marker at [Source: (String)"{"a": 1"; line: 1, column: 1])""",
        1,
        8,
    ),
    ('{"a"', "Unexpected end-of-input within/between Object entries", 1, 5),
    ('{"a":', "Unexpected end-of-input within/between Object entries", 1, 6),
    ("[1,", "Unexpected end-of-input within/between Array entries", 1, 4),
    ('{"a": "', "Unexpected end-of-input: was expecting closing quote for a string value", 1, 8),
    ('{"a": NaN}', "JSON is malformed: invalid character (byte 6)", 1, 1),
]


@pytest.mark.parametrize(("text", "message", "line", "column"), NOT_JSON)
def test_text_that_is_not_json_is_explained(text: str, message: str, line: int, column: int) -> None:
    place = f'[Source: (String)"{text}"; line: {line}, column: {column}]'
    assert [(p.code, p.message, p.place) for p in diagnose(text)] == [
        ("INVALID_JSON_DESCRIPTION", f"{message}\n at {place}", place)
    ]


def test_a_long_text_is_not_shown_whole() -> None:
    [problem] = diagnose("x" * 600)
    assert problem.place.endswith('x"[truncated 100 chars]; line: 1, column: 601]')


def test_a_field_that_is_given_twice_is_an_error() -> None:
    text = '{"StartAt": "X", "States": {"X": {"Type": "Fail"}, "X": {"Type": "Succeed"}}}'
    assert errors(text) == ["INVALID_JSON_DESCRIPTION: Duplicate field 'X' at /"]


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, '{"a":[' * 150 + "1" + "]}" * 150])
def test_nesting_without_end_is_a_problem_and_not_a_crash(text: str) -> None:
    [problem] = diagnose(text)
    assert problem.message.startswith("The definition is nested more than 200 levels deep")


def test_a_definition_has_at_most_one_mebibyte() -> None:
    definition = json.dumps(machine({**PASS, "Comment": ""}))
    room = 1_048_576 - len(definition)
    assert errors(definition.replace('"Comment": ""', f'"Comment": "{"c" * room}"')) == []
    too_long = definition.replace('"Comment": ""', f'"Comment": "{"é" * room}"')
    assert errors(too_long) == [
        "SCHEMA_VALIDATION_FAILED: The definition must not be larger than 1048576 bytes at /"
    ]


@pytest.mark.parametrize(
    ("resource", "problem"),
    [
        (
            "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Express state machine does not support '.waitForTaskToken' service integration ",
        ),
        (
            "arn:aws:states:::states:startExecution.sync:2",
            "Express state machine does not support '.sync' service integration",
        ),
        (ARN, "Express state machine does not support Activity ARN"),
    ],
)
def test_an_express_machine_cannot_wait_for_others(resource: str, problem: str) -> None:
    definition = task(Resource=resource)
    assert errors(definition) == []
    assert errors(definition, express=True) == [f"SCHEMA_VALIDATION_FAILED: {problem} at /States/X/Resource"]


def test_an_express_machine_has_no_distributed_map() -> None:
    definition = distributed()
    assert errors(definition) == []
    assert errors(definition, express=True) == [
        "SCHEMA_VALIDATION_FAILED: Express state machine does not support Map states in DISTRIBUTED mode"
        " at /States/X/ItemProcessor/ProcessorConfig/Mode"
    ]


def test_the_children_of_a_distributed_map_may_be_express() -> None:
    definition = distributed()
    processor = definition["States"]["X"]["ItemProcessor"]
    processor["States"]["I"] = {"Type": "Task", "Resource": ARN, "End": True}
    assert errors(definition) == []
    processor["ProcessorConfig"]["ExecutionType"] = "EXPRESS"
    assert errors(definition) == [
        "SCHEMA_VALIDATION_FAILED: Express state machine does not support Activity ARN"
        " at /States/X/ItemProcessor/States/I/Resource"
    ]


def test_all_problems_are_told_in_one_text() -> None:
    with pytest.raises(InvalidDefinition) as caught:
        parse(task(Resource="work", TimeoutSeconds="1"))
    assert str(caught.value) == (
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Value is not a valid resource ARN at"
        " /States/X/Resource, SCHEMA_VALIDATION_FAILED: Expected value of type Integer at"
        " /States/X/TimeoutSeconds'"
    )
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("value", ["$.a", "$$.Execution.Name", "States.UUID()"])
def test_a_path_under_a_plain_name_is_a_warning(value: str) -> None:
    definition = machine({**PASS, "Parameters": {"a": [{"b": value}]}})
    [problem] = diagnose(definition)
    assert (problem.code, problem.severity, problem.place) == ("NO_DOLLAR", "WARNING", "/States/X/Parameters")
    parse(definition)
