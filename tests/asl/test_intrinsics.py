"""Intrinsic functions: AWS's recorded answers, the rules of the grammar, the limits."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tests.asl.environments import environment
from workflow_manager.asl.environment import Expression
from workflow_manager.asl.failure import EvaluationFailed
from workflow_manager.asl.intrinsics import InvalidIntrinsic, compile_intrinsic, is_intrinsic

OBJECT = {"Arg1": 1, "Arg2": []}
MIXED = [None, None, True, False, 1, 1, 1.0, 1.1, 0, "x", "x", [], [], [None], {"a": 1, "b": 2}]
UNIQUE = [None, True, False, 1, 1.0, 1.1, 0, "x", [], [None], {"a": 1, "b": 2}]


def evaluate(text: str, input: Any = None, **options: Any) -> Any:
    return compile_intrinsic(text).evaluate(environment(input, **options))


@pytest.mark.parametrize(
    ("text", "input", "value"),
    [
        # Recorded on AWS.
        ("States.Array($.a, $.a)", {"a": 1.1}, [1.1, 1.1]),
        ("States.Array($.a, $.a)", {"a": OBJECT}, [OBJECT, OBJECT]),
        ("States.ArrayPartition($, 2)", [0, 1, 2], [[0, 1], [2]]),
        ("States.ArrayPartition($, 5)", [0, 1, 2, 3], [[0, 1, 2, 3]]),
        ("States.ArrayPartition($, 1)", [], []),
        ("States.ArrayRange(0, 9, 3)", None, [0, 3, 6, 9]),
        ("States.ArrayRange(0, 10, 3)", None, [0, 3, 6, 9]),
        ("States.ArrayRange(1, 9, 9)", None, [1]),
        ("States.ArrayLength($)", MIXED, len(MIXED)),
        ("States.Base64Encode($)", "", ""),
        ("States.Base64Encode($)", "Data to encode", "RGF0YSB0byBlbmNvZGU="),
        ("States.StringSplit('Hello\nWorld', '\n')", None, ["Hello", "World"]),
        ("States.Format('fst={} and snd={}.', $, $)", "", "fst= and snd=."),
        ("States.Format('fst={} and snd={}.', $, $)", None, "fst=null and snd=null."),
        ("States.Format('fst={} and snd={}.', $, $)", 1.1, "fst=1.1 and snd=1.1."),
        ("States.Format('{}', $)", OBJECT, "{Arg1=1, Arg2=[]}"),
        ("States.Format('{}', $)", '{"Arg1": 1}', '{"Arg1": 1}'),
        ("States.ArrayGetItem(States.StringSplit($.name, '-'), 0)", {"name": "a_b-c"}, "a_b"),
        (
            "States.JsonMerge($.fst, $.snd, false)",
            {"fst": {"a": {"a1": 1, "a2": 2}, "b": 2, "d": 3}, "snd": {"a": {"a3": 1}, "c": 3, "d": 4}},
            {"a": {"a3": 1}, "b": 2, "d": 4, "c": 3},
        ),
        ("""States.StringToJson('\\{"a": "false"\\}')""", None, {"a": "false"}),
        ("""States.StringToJson('{"a": "false"}')""", None, {"a": "false"}),
        ("States.JsonToString($)", None, "null"),
        ("States.JsonToString($)", 1.1, "1.1"),
        ("States.JsonToString($)", [1, 2, "HelloWorld"], '[1,2,"HelloWorld"]'),
        ("States.JsonToString($)", OBJECT, '{"Arg1":1,"Arg2":[]}'),
        ("States.StringToJson($)", "", None),
        ("States.StringToJson($)", " ", None),
        ("States.StringToJson($)", "null", None),
        ("States.StringToJson($)", "-0", 0),
        ("States.StringToJson($)", '{"Arg1": 1, "Arg2": []}', OBJECT),
        # The Developer Guide's examples.
        (
            "States.Array('Foo', 2020, $.someJson, null)",
            {"someJson": {"r": 9}},
            ["Foo", 2020, {"r": 9}, None],
        ),
        ("States.ArrayContains($, 5)", [1, 2, 3, 5], True),
        ("States.ArrayRange(1, 9, 2)", None, [1, 3, 5, 7, 9]),
        ("States.ArrayUnique($)", [1, 2, 3, 3, 3], [1, 2, 3]),
        ("States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", None, "Data to encode"),
        ("States.Base64Decode('RGF0YSB0byBlbmNvZGU')", None, "Data to encode"),
        ("States.Hash('input data', 'SHA-1')", None, "aaff4a450a104cd177d28d18d74485e8cae074b7"),
        ("States.MathAdd(111.0, -1)", None, 110),
        ("States.StringSplit('1,2,3,4,5', ',')", None, ["1", "2", "3", "4", "5"]),
        ("States.StringSplit('This.is+a,test=string', '.+,=')", None, ["This", "is", "a", "test", "string"]),
        ("States.Format('Hello, my name is {}.', $.name)", {"name": "Arnav"}, "Hello, my name is Arnav."),
        ("States.Format($.template, $.name)", {"template": "I am {}", "name": "A"}, "I am A"),
        # Values of one kind or another.
        ("States.Array()", None, []),
        ("States.Array(true, false, null, -1.5e2)", None, [True, False, None, -150.0]),
        (
            "States.ArrayUnique($)",
            MIXED,
            [None, True, False, 1, 1.0, 1.1, 0, "x", [], [None], {"a": 1, "b": 2}],
        ),
        ("States.ArrayUnique($)", [{"a": 1, "b": 2}, {"b": 2, "a": 1}], [{"a": 1, "b": 2}]),
        ("States.ArrayContains($, 1)", [1.0, True, "1"], False),
        ("States.ArrayContains($, null)", [None], True),
        ("States.ArrayContains($.list, $.item)", {"list": [{"a": [1]}], "item": {"a": [1]}}, True),
        ("States.ArrayRange(5, 1, -2)", None, [5, 3, 1]),
        ("States.ArrayRange(5, 1, 1)", None, []),
        ("States.ArrayRange(1, 1000, 1)", None, list(range(1, 1001))),
        ("States.ArrayPartition($, 1.5)", [1, 2, 3], [[1, 2], [3]]),
        ("States.MathAdd(1.5, 1.49)", None, 3),
        ("States.MathAdd(-1.5, -1.51)", None, -3),
        ("States.StringSplit('a,,b,', ',')", None, ["a", "b"]),
        ("States.StringSplit('a]b^c-d', '^]-')", None, ["a", "b", "c", "d"]),
        ("States.StringSplit('abc', '')", None, ["abc"]),
        ("States.StringSplit('', ',')", None, []),
        ("States.Format('{}{}{}', true, 1e10, 0.0001)", None, "true1.0E101.0E-4"),
        ("States.Format('{}', $)", {"a": [None, True, "x", {"b": 2.5}]}, "{a=[null, true, x, {b=2.5}]}"),
        (r"States.Format('\{{}\} it\'s \\', 'x')", None, r"{x} it's " + "\\"),
        ("States.Format('no braces')", None, "no braces"),
        (r"States.Array('it\'s', '\\n', '\{\}')", None, ["it's", "\\n", "{}"]),
        ("States.Array('a, b)', $['x, y)'])", {"x, y)": 1}, ["a, b)", 1]),
        ("States.Array($.a.length(), $.l[?(@.x == ')')].x)", {"a": [1], "l": [{"x": ")"}]}, [1, [")"]]),
        ("  States.Array ( 1 ,\n 2 )".strip(), None, [1, 2]),
        ("States.StringToJson('123456789012345678901234567890')", None, 123456789012345678901234567890),
    ],
)
def test_a_call_gives(text: str, input: Any, value: Any) -> None:
    # Through JSON, so that 1, 1.0 and true are told apart.
    assert json.dumps(evaluate(text, input)) == json.dumps(value)


def test_a_call_reads_input_context_and_variables() -> None:
    call = compile_intrinsic("States.Array($.a, $$.Execution.Id, States.MathAdd($x.y, $z), $x.y)")
    assert isinstance(call, Expression)
    assert call.variables == {"x", "z"}
    assert call.paths == {"$.a", "$$.Execution.Id", "$x.y", "$z"}
    env = environment({"a": 1}, {"Execution": {"Id": "arn"}}, {"x": {"y": 2}, "z": 3})
    assert call.evaluate(env) == [1, "arn", 5, 2]


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"])
def test_hashes_are_hexadecimal(algorithm: str) -> None:
    expected = hashlib.new(algorithm.replace("-", ""), "ü".encode()).hexdigest()
    assert evaluate(f"States.Hash('ü', '{algorithm}')") == expected


def test_chance_comes_from_the_environment_or_the_seed() -> None:
    uuid = evaluate("States.UUID()", seed=1)
    assert uuid == evaluate("States.UUID()", seed=1) != evaluate("States.UUID()", seed=2)
    assert uuid[14] == "4"
    numbers = [evaluate("States.MathRandom(1, 4)", seed=seed) for seed in range(100)]
    assert set(numbers) == {1, 2, 3}
    seeded = {evaluate("States.MathRandom(1, 1000000, 42)", seed=seed) for seed in range(9)}
    assert len(seeded) == 1


@pytest.mark.parametrize(
    "text",
    [
        # Refused by AWS when the state machine is created.
        """States.StringToJson('{"text":"An \\"escaped double quote\\" here"}')""",
        """States.Format('He said, \\"Hello, {}!\\"', 'Test \\"Name\\" Here')""",
        "States.MathAdd(1,'-1')",
        "States.Format()",
        "States.Format(1)",
        "States.UUID(1)",
        "States.ArrayLength()",
        "States.ArrayLength($, $)",
        "States.ArrayLength('x')",
        "States.JsonMerge($, $)",
        "States.MathRandom(1)",
        "States.MathRandom(1, 2, 3, 4)",
        "States.MathAdd(true, 1)",
        "States.Nope()",
        "States.array()",
        "States.Array",
        "States.Array(",
        "States.Array(1",
        "States.Array(1,)",
        "States.Array(,1)",
        "States.Array(1 2)",
        "States.Array(1)x",
        "States.Array('a)",
        "States.Array('a\\')",
        "States.Array('\\n')",
        'States.Array("a")',
        "States.Array(a)",
        "States.Array(01)",
        "States.Array($.)",
        "States.Array($.a[)",
        "States.Array($['a)",
        "States.Array(nullx)",
        "Array(1)",
        "$.a",
        "",
        "States.Array(" * 11 + ")" * 11,
        "States.Array(" * 5000,
    ],
)
def test_a_call_that_cannot_be_right_is_refused(text: str) -> None:
    with pytest.raises(InvalidIntrinsic):
        compile_intrinsic(text)


def test_ten_calls_may_be_nested() -> None:
    assert evaluate("States.Array(" * 10 + ")" * 10) == [[[[[[[[[[]]]]]]]]]]


@pytest.mark.parametrize(
    ("text", "input", "reason"),
    [
        ("States.ArrayLength($.a)", {"a": "x"}, "Argument 1 of States.ArrayLength must be of type array"),
        ("States.MathAdd($.a, 1)", {"a": True}, "Argument 1 of States.MathAdd must be of type number"),
        ("States.Base64Encode($)", 1, "Argument 1 of States.Base64Encode must be of type string"),
        ("States.ArrayGetItem($, 2)", [1, 2], "Index 2 out of bounds for length 2"),
        ("States.ArrayGetItem($, -1)", [1, 2], "Index -1 out of bounds for length 2"),
        ("States.ArrayPartition($, 0)", [1], "must be a positive integer"),
        ("States.ArrayRange(1, 1001, 1)", None, "more than 1000 items"),
        ("States.ArrayRange(1, 9000000000000000000, 1)", None, "more than 1000 items"),
        ("States.ArrayRange(1, 2, 0.4)", None, "must not be zero"),
        ("States.MathAdd(1e300, 1)", None, "out of range"),
        ("States.MathRandom(5, 5)", None, "must be smaller"),
        ("States.Format('{} {}', 1)", None, "does not match the number of occurrences of {}"),
        ("States.Format('{}', 1, 2)", None, "does not match the number of occurrences of {}"),
        ("States.StringToJson($)", "{", "Invalid JSON"),
        ("States.StringToJson($)", "NaN", "Invalid JSON"),
        ("States.JsonMerge($, $, true)", {}, "third argument must be false"),
        ("States.Hash('x', 'SHA-2')", None, "Unknown hashing algorithm"),
        ("States.Hash($, 'MD5')", "x" * 10_001, "longer than 10000 characters"),
        ("States.Base64Encode($)", "x" * 10_001, "longer than 10000 characters"),
        ("States.Base64Decode('%%')", None, "not Base64-encoded"),
        ("States.Base64Decode('/w==')", None, "not Base64-encoded"),
        (
            "States.Format('{}', $.a)",
            {"b": 1},
            "The JSONPath argument for the field '$.a' could not be found in the input '{\"b\":1}'",
        ),
    ],
)
def test_a_call_that_fails_says_which_and_why(text: str, input: Any, reason: str) -> None:
    with pytest.raises(EvaluationFailed) as failed:
        evaluate(text, input)
    assert failed.value.error == "States.IntrinsicFailure"
    assert failed.value.cause.startswith(f"The function '{text}' had the following evaluation error: ")
    assert reason in failed.value.cause


def test_the_innermost_call_is_the_one_that_failed() -> None:
    with pytest.raises(EvaluationFailed) as failed:
        evaluate("States.Array(1, States.ArrayLength($.a))", {"a": 1})
    assert failed.value.cause.startswith("The function 'States.ArrayLength($.a)' had the following")


def test_a_missing_variable_is_reported_as_such() -> None:
    with pytest.raises(EvaluationFailed) as failed:
        evaluate("States.Array($x.y)")
    assert failed.value.cause == "The variable path '$x.y' references an invalid variable"


def test_a_value_too_deep_to_print_is_a_failure() -> None:
    deep: Any = []
    for _ in range(20_000):
        deep = [deep]
    for text in ("States.Format('{}', $)", "States.JsonToString($)", "States.ArrayUnique($)"):
        with pytest.raises(EvaluationFailed):
            evaluate(text, deep)


@pytest.mark.parametrize(("text", "expected"), [("States.UUID()", True), ("$.States", False)])
def test_a_call_is_told_from_a_path(text: str, expected: bool) -> None:
    assert is_intrinsic(text) is expected
