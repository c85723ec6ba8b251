"""JSONata as a field of a state meets it: what it sees, what it gives, and how it fails."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from workflow_manager.asl.environment import Environment, Expression
from workflow_manager.asl.failure import EvaluationFailed
from workflow_manager.asl.jsonata import InvalidJsonata, compile_jsonata, variables

NOW = datetime(2026, 3, 14, 1, 59, 26, 535000, tzinfo=UTC)


def environment(**given: Any) -> Environment:
    return Environment(**{"input": {}, "now": NOW, "random": random.Random(7), **given})


def evaluate(text: str, **given: Any) -> Any:
    return compile_jsonata(text, "Output").evaluate(environment(**given))


def cause(text: str, location: str = "Output", **given: Any) -> str:
    with pytest.raises(EvaluationFailed) as caught:
        compile_jsonata(text, location).evaluate(environment(**given))
    assert caught.value.error == "States.QueryEvaluationError"
    assert caught.value.location == location
    return caught.value.cause


def check(text: str, expected: Any, **given: Any) -> None:
    result = evaluate(text, **given)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$states.input.a.b", 1),
        ("$states.input.list", [1, "two", None]),
        ("$states.input.list[-1]", None),
        ("$states.input.orders.id", [1, 2]),
        ("$states.input.orders[id = 2].name", "pen"),
        ("$states.input.nothing", None),
        ("$states.context.Execution.Name", "run-1"),
        ("$states.result.count + 1", 4),
        ("$states.errorOutput.Error", "States.Timeout"),
        ("$limit", 10),
        ("$limit * 2", 20),
        ("$config.region", "eu-central-1"),
        ("$states.input", {"a": {"b": 1}}),
        (" 'a' & 1 ", "a1"),
        ("{'x': $states.input.missing, 'y': 1}", {"y": 1}),
        ("$merge([$states.input.a, {'c': 2}])", {"b": 1, "c": 2}),
        ("$states.input.matrix", [[1], [2, 3]]),
        ("$states.input.flags[$]", True),
        ("($total := $sum($states.input.orders.id); $total * 10)", 30),
    ],
)
def test_an_expression_sees_the_states_object_and_the_variables(text: str, expected: Any) -> None:
    document = {
        "a": {"b": 1},
        "list": [1, "two", None],
        "orders": [{"id": 1, "name": "ink"}, {"id": 2, "name": "pen"}],
        "nothing": None,
        "matrix": [[1], [2, 3]],
        "flags": [False, True],
    }
    check(
        text,
        expected,
        input={"a": {"b": 1}} if text == "$states.input" else document,
        context={"Execution": {"Name": "run-1"}},
        result={"count": 3},
        error_output={"Error": "States.Timeout"},
        variables={"limit": 10, "config": {"region": "eu-central-1"}},
    )


@pytest.mark.parametrize(
    "text", ["$doesNotExist", "$states.input.x", "$states.result", "$states.errorOutput"]
)
def test_an_undefined_result_is_a_failure_that_names_expression_and_field(text: str) -> None:
    assert cause(text, "Arguments/FunctionName") == (
        f"The JSONata expression '{text}' specified for the field 'Arguments/FunctionName' returned nothing"
        " (undefined)."
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$randomSeeded(1)", "T1006: Attempted to invoke a non-function"),
        ("1 + 'a'", 'T2002: The right side of the "+" operator must evaluate to a number'),
        ("$uppercase(1)", 'T0410: Argument 1 of function "uppercase" does not match function signature'),
        ("$number('x')", 'D3030: Unable to cast value to a number: "x"'),
        ("$error('no stock')", "D3137: no stock"),
        ("1 / 0", 'D1001: Number out of range: "Infinity"'),
    ],
)
def test_an_error_during_evaluation_carries_its_code_and_sentence(text: str, message: str) -> None:
    assert cause(text, "Output/FunctionResult") == (
        f"The JSONata expression '{text}' specified for the field 'Output/FunctionResult' threw an error"
        f" during evaluation. {message}"
    )


@pytest.mark.parametrize("text", ["$sum", "function($x){$x}", "/a+/", "[1, $sum]", "{'f': $uppercase(?)}"])
def test_a_function_is_no_result(text: str) -> None:
    assert cause(text).endswith("returned an unsupported result type.")


def test_a_wrong_type_is_described_as_aws_does() -> None:
    expression = compile_jsonata("{'foo': 'bar'}", "Items")
    failure = expression.mismatch("array", {"foo": "bar"})
    assert failure.cause == (
        "The JSONata expression '{'foo': 'bar'}' specified for the field 'Items' returned an unexpected"
        " result type. Expected 'array', but was 'object' for value: {\"foo\":\"bar\"}"
    )
    assert "but was 'null' for value: null" in expression.mismatch("array", None).cause


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$partition([0], 1)", [[0]]),
        ("$partition([0, 1, 2], 2)", [[0, 1], [2]]),
        ("$partition([0], 5)", [[0]]),
        ("$range(0, 10, 3)", [0, 3, 6, 9]),
        ("$range(1, 9, 9)", 1),
        ("$range(3, 1, -1)", [3, 2, 1]),
        ("$hash('input data', 'SHA-1')", "aaff4a450a104cd177d28d18d74485e8cae074b7"),
        ("$hash('', 'MD5')", "d41d8cd98f00b204e9800998ecf8427e"),
        ("$parse('{\"a\": [1, 2.5, null]}')", {"a": [1, 2.5, None]}),
        ("$random(7) = $random(7)", True),
        ("$random() < 1", True),
        ("$uuid() = $uuid()", False),
        ("$length($uuid())", 36),
    ],
)
def test_step_functions_own_functions(text: str, expected: Any) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    "text",
    [
        "$partition([1], 0)",
        "$partition([1], 1.5)",
        "$range(1, 3, 0)",
        "$range(1, 1e12, 1)",
        "$hash('a', 'CRC')",
        "$parse('{')",
    ],
)
def test_step_functions_own_functions_refuse_what_makes_no_sense(text: str) -> None:
    assert "threw an error during evaluation. " in cause(text)


def test_chance_and_time_come_from_the_environment() -> None:
    text = "[$uuid(), $random(), $shuffle([1..9]), $now(), $millis()]"
    assert evaluate(text, random=random.Random(1)) == evaluate(text, random=random.Random(1))
    assert evaluate(text, random=random.Random(1)) != evaluate(text, random=random.Random(2))
    assert evaluate("$now()") == "2026-03-14T01:59:26.535Z"
    assert evaluate("$millis()") == 1773453566535
    assert evaluate("$now('[Y]-[M01]', '+0100')") == "2026-03"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$states.input.id", 12345678901234567890),
        ("$string($states.input.id)", "12345678901234567890"),
        ("'id-' & $states.input.nanos", "id-1758000000123456789"),
        ("$states.input.one", 1.0),
        ("$states.input.one + 0", 1),
        ("6 / 3", 2),
        ("7 / 2", 3.5),
        ("0.1 + 0.2", 0.30000000000000004),
        ("$string(0.1 + 0.2)", "0.3"),
        ("9007199254740992 + 1", 9007199254740992.0),
        ("-7 % 3", -1),
        ("$round(2.5)", 2),
        ("$round(-1.255, 2)", -1.26),
        ("$string(1e21)", "1e+21"),
        ("$string(1e-7)", "1e-7"),
        ("$string(123456789.125e10)", "1234567891250000000"),
        ("$floor(-1.5)", -2),
        ("$sum([0.5, 0.5])", 1),
        ("true = 1", False),
        ("1 in [true]", False),
    ],
)
def test_integers_stay_exact_and_results_are_doubles(text: str, expected: Any) -> None:
    check(
        text,
        expected,
        input={"id": 12345678901234567890, "nanos": 1758000000123456789, "one": 1.0},
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$length('a😀b')", 3),
        ("$substring('a😀b', 1, 1)", "😀"),
        ("$contains('line\\n', /line$/)", False),
        ("$contains('a\\nb', /^b$/m)", True),
        ("$match('2026-03', /(?<y>\\d+)-(\\d+)/).groups", ["2026", "03"]),
        ("$replace('John Smith', /(\\w+)\\s(\\w+)/, '$2, $1')", "Smith, John"),
        ("$contains('a[]b', /[[]]/)", True),
        ("$contains('ß', /SS/i)", False),
        ("$split('a1b22c', /\\d+/)", ["a", "b", "c"]),
        ("$sort([3, 1, 2])", [1, 2, 3]),
        ("$sort([{'k': 1, 'n': 'a'}, {'k': 1, 'n': 'b'}], function($l, $r){$l.k > $r.k}).n", ["a", "b"]),
        ("$sort(['b', 'a'], function($l, $r){true})", ["a", "b"]),
        ("[{'a': null}].a", None),
        ("[[1, null], [null]].($[0])", [1, None]),
        ("$base64decode($base64encode('grün'))", "grün"),
        ("$toMillis('2018-02-03T11:15:33+0100')", 1517652933000),
        ("[1, 2] ~> $sum", 3),
    ],
)
def test_where_implementations_go_wrong(text: str, expected: Any) -> None:
    check(text, expected)


def test_a_time_without_its_t_is_no_time() -> None:
    assert "D3110: " in cause("$toMillis('2018-02-03 11:15:33')")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("$sum($states.input.items.numbers", "S0203"),
        ("1 +", "S0207"),
        ("", "S0207"),
        ("'open", "S0101"),
        ("/(/.x", "S0302"),
        ("$match('a', /(?<a>x)(?<a>y)(/)", "S0302"),
        ("$contains('a', /+/)", "S0303"),
        ("(" * 2000 + ")" * 2000, "U1001"),
        ("+".join("1" * 3000), "U1001"),
        (".".join(["$x"] * 3000), "U1001"),
        ("$$.order", "$$ refers to nothing"),
        ("$", "$ refers to nothing at the top level"),
        ("$.order", "$ refers to nothing at the top level"),
        ("order.id", "The unqualified field name 'order'"),
        ("$sum(order.prices)", "The unqualified field name 'order'"),
        ("function($x){ order }(1)", "The unqualified field name 'order'"),
        ("{'id': id}", "The unqualified field name 'id'"),
        ("$eval('1')", "$eval is not supported"),
        ("'\\ud800'", "half of a surrogate pair"),
    ],
)
def test_what_step_functions_refuses_is_refused_before_it_runs(text: str, part: str) -> None:
    with pytest.raises(InvalidJsonata) as caught:
        compile_jsonata(text)
    assert any(part in problem for problem in caught.value.problems)


@pytest.mark.parametrize(
    "text",
    [
        "$states.input.orders[$ = 0]",
        "$states.input.orders[id = 1].lines.price",
        "$states.input.orders^(price)",
        "$states.input.orders{name: price}",
        "$states.input ~> |orders|{'done': true}, ['price']|",
        "$map($states.input.orders, function($o){ $o.price })",
        "$states.input.orders.(price * 2)",
        "($x := $states.input; $x.orders.%.name)",
        "($eval := function($x){$x}; $eval(1))",
    ],
)
def test_names_and_the_dollar_are_allowed_where_there_is_a_context(text: str) -> None:
    compile_jsonata(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$a + $b.c", {"a", "b"}),
        ("$states.input.x", set()),
        ("($a := 1; $a + $b)", {"b"}),
        ("($a := $a + 1; $a)", {"a"}),
        ("function($x){ $x + $y }", {"y"}),
        ("($f := function($n){ $n = 0 ? 0 : $f($n - 1) }; $f(3))", set()),
        ("($even := function($n){ $odd($n) }; $odd := function($n){ $n }; $even(1))", set()),
        ("$map($list, function($v, $i){ $v & $i & $suffix })", {"list", "suffix"}),
        ("$list@$item.$item.id", {"list"}),
        ("$sum([$limit, 1])", {"limit"}),
    ],
)
def test_free_variables_are_known(text: str, expected: set[str]) -> None:
    assert variables(text) == expected
    assert compile_jsonata(text).variables == expected


def test_members_of_states_that_are_read_are_known() -> None:
    expression = compile_jsonata("$states.result.a & $states.input[$states.errorOutput.x]")
    assert expression.states_members == {"result", "input", "errorOutput"}
    assert compile_jsonata("$states").states_members == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "($f := function($n){ $f($n + 1) }; $f(0))",
        "($f := function($n){ 1 + $f($n + 1) }; $f(0))",
        "($f := function($s, $n){ $n = 0 ? $s : $f($s & $s, $n - 1) }; $f('xxxx', 60))",
        "($f := function($s, $n){ $n = 0 ? $s : $f([$s, $s], $n - 1) }; $f([0], 40) = $f([0], 40))",
        "($f := function($s, $n){ $n = 0 ? $s : $f({'a': $s, 'b': $s}, $n - 1) }; $f(1, 40))",
        "$pad('x', 1e12)",
        "[1..9000000]",
        "$contains('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', /^(a|aa)+$/)",
        "$replace($pad('a', 10000, 'a'), 'a', $pad('a', 10000, 'a'))",
    ],
)
def test_every_evaluation_ends(text: str) -> None:
    assert "U1001: " in cause(text)


def test_a_signature_that_could_match_in_countless_ways_is_decided_at_once() -> None:
    assert "T0410: " in cause("(function($a)<x+x+x+x+x+x+x+x+s>{1})(" + ",".join("1" * 60) + ")")


def test_a_range_beyond_ten_millions_is_refused_with_its_own_code() -> None:
    assert "D2014: " in cause("[1..10000001]")


def test_a_loop_written_as_tail_recursion_needs_no_stack() -> None:
    text = "($f := function($n, $sum){ $n = 0 ? $sum : $f($n - 1, $sum + $n) }; $f(20000, 0))"
    assert evaluate(text) == 200010000


def test_a_payload_nested_deeper_than_the_stack_passes_through() -> None:
    deep: Any = {}
    for _ in range(5000):
        deep = {"x": deep}
    assert evaluate("$states.input.a", input={"a": deep}) is deep


def test_data_is_never_changed() -> None:
    data = {"items": [3, 1, 2], "o": {"a": 1}}
    evaluate("{} ~> |$states.input.o|{'a': 3}|", input=data)
    evaluate("($clone := function($x){$x}; $states.input ~> |o|{'a': 4}|)", input=data)
    evaluate(
        "[$sort($states.input.items), $states.input ~> |o|{'a': 2}|, $append($states.input.items, 4)]",
        input=data,
    )
    assert data == {"items": [3, 1, 2], "o": {"a": 1}}


def test_one_expression_serves_many_threads() -> None:
    expression = compile_jsonata("($x := $states.input.n; $sum($map([1..$x], function($v){ $v * $x })))")
    assert isinstance(expression, Expression)

    def run(n: int) -> Any:
        return expression.evaluate(environment(input={"n": n}))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(run, range(1, 60))) == [n * n * (n + 1) // 2 for n in range(1, 60)]
