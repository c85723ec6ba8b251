"""Corners of JSONata where evaluators part ways, with what the reference implementation 2.0.6 answers."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from workflow_manager.asl.jsonata.calls import Run
from workflow_manager.asl.jsonata.errors import JsonataError
from workflow_manager.asl.jsonata.expression import BUDGET, InvalidJsonata, compiled, evaluated
from workflow_manager.asl.jsonata.values import UNDEFINED

NOW = datetime(2026, 3, 14, 1, 59, 26, 535000, tzinfo=UTC)


def answer(text: str) -> Any:
    """The value, or the code of the error."""
    try:
        _, evaluator = compiled(text)
        return evaluated(evaluator, Run(NOW, random.Random(1), BUDGET), UNDEFINED, {})
    except InvalidJsonata as error:
        return error.problems[0].split(":")[0]
    except JsonataError as error:
        return error.code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[5][0].x", UNDEFINED),
        ("[5][0].$string()", UNDEFINED),
        ("[{'a': 1}][0].a", UNDEFINED),
        ("([{'a': 1}][0]).a", 1),
        ("[]{'b': 1}.x", UNDEFINED),
        ("[1]{'k': 1}.$", UNDEFINED),
        ("$spread([{'a': 1}])", [{"a": 1}]),
        ("$spread([false])", [False]),
        ("$spread([])", UNDEFINED),
        ("$sort([1, 2, 3], function($l, $r){ {} })", [3, 2, 1]),
        ("$sort([1, 2, 3], function($l, $r){ 0 })", [1, 2, 3]),
        ("$power(2, nothing)", "D3061"),
        ("$power(1, nothing)", "D3061"),
        ("$power(nothing, 2)", UNDEFINED),
        ("$formatBase(1e21)", "1e+21"),
        ("$formatBase(255, 16)", "ff"),
        ("$string(100000000000000.5)", "100000000000001"),
        ("$substring('abc', nothing, 2)", ""),
        ("$substring('abc', nothing)", "abc"),
        ("$match(nothing, /a/, -1)", UNDEFINED),
        ("$match('a', /a/, -1)", "D3040"),
        ("$replace('abc', 'x', nothing)", "abc"),
        ("$replace('abc', 'b', nothing)", "D3012"),
    ],
)
def test_functions_and_paths(text: str, expected: Any) -> None:
    assert answer(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$contains('a', /$/)", True),
        ("$split('x,y', /$/)", ["x,y", ""]),
        ("$replace('ab', /$/, '!')", "ab!"),
        ("$match('ab', /x*/)", "D1004"),
        ("$contains('a{,2}', /a{,2}/)", True),
        ("$contains('aa', /^a{,2}$/)", False),
        ("$contains('aa', /^a{2,}$/)", True),
        ("$contains('k<n>', /^\\k<n>$/)", True),
        ("$contains('bb', /^(?<n>b)\\k<n>$/)", True),
        ("$contains('a', /^a\\1$/)", False),
        ("$contains('A8', /^\\101\\8$/)", True),
        ("$contains('c', /^(b)?\\1c$/)", True),
        ("$match('-é', /\\W\\b/)", UNDEFINED),
        ("$match('é', /.\\B/).match", "é"),
        ("$contains('a', /(/)", "S0302"),
        ("$contains('a', /+/)", "S0303"),
    ],
)
def test_regular_expressions_are_those_of_javascript(text: str, expected: Any) -> None:
    assert answer(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$formatNumber(10, '0.00e0')", "10.00e0"),
        ("$formatNumber(11, '0.00e0')", "1.10e1"),
        ("$formatNumber(1000, '000.000e000')", "1000.000e000"),
        ("$formatNumber(1.5, '#0#')", "2"),
        ("$formatNumber(1, '0e')", "D3093"),
        ("$formatNumber(1, '0 e')", "1 e"),
        ("$formatNumber(1, '0.0.#0')", "D3091"),
        ("$formatInteger(255, '#,##,##0')", "255"),
        ("$formatInteger(1234567, '#,##,##0')", "12,34,567"),
        ("$formatNumber(1234567.891, '#,##,##0.00')", "12,34,567.89"),
    ],
)
def test_pictures_of_numbers(text: str, expected: Any) -> None:
    assert answer(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$fromMillis(253402300800000)", "0000-01-01T00:00:00.000Z"),
        ("$fromMillis(253402300800000, '[Y] [X] [W]')", "10000 9999 52"),
        ("$fromMillis(-62200000000000, '[Y]-[M01]')", "-2-12"),
        ("$fromMillis(8640000000000001)", "D1001"),
        ("$fromMillis(0, '[H01]:[m01] [Z]', '+5')", "00:05 +00:05"),
        ("$fromMillis(0, '[H01]:[m01] [Z]', '+0530')", "05:30 +05:30"),
        ("$fromMillis(0, '[H01]:[m01] [Z]', '-0330')", "20:30 -03:30"),
        ("$fromMillis(-1000.7, '[s].[f001]', '+0100')", "58.999"),
        ("$fromMillis(0, '[D,*-3] [M,3]')", "001 001"),
        ("$fromMillis(0, '[ZN]')", "D3134"),
        ("$fromMillis(0, '[q]')", "D3132"),
    ],
)
def test_times_are_written(text: str, expected: Any) -> None:
    assert answer(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$toMillis('2018-02-30')", 1519948800000),
        ("$toMillis('0000-01-01')", -62167219200000),
        ("$toMillis('2018-02-32')", "D3110"),
        ("$toMillis('2018-13-01')", "D3110"),
        ("$toMillis('2018-12-01T24:00:00Z')", 1543708800000),
        ("$toMillis('2018-12-01T24:00:01Z')", "D3110"),
        ("$toMillis('2018-1-5', '[Y0001]-[M01]-[D01]')", UNDEFINED),
        ("$toMillis('2018-1-5', '[Y0001]-[M]-[D]')", 1515110400000),
        ("$toMillis('31/12/99', '[D]/[M]/[Y,2]')", 946598400000),
        ("$toMillis('12018', '[Y]')", 317084284800000),
        ("$toMillis('5 Jan 2018', '[D] [MNn,*-3] [Y]')", 1515110400000),
        ("$toMillis('5 JAN 2018', '[D] [MN,*-3] [Y]')", "D3136"),
        ("$toMillis('twenty', '[MNn]')", 1773453566535),
        ("$toMillis('2018-100 10:00', '[Y]-[d] [H]:[m]')", "D3136"),
        ("$toMillis('2018-100', '[Y]-[d]')", 1523318400000),
        ("$toMillis('12:30 am', '[h]:[m] [P]')", 1773448200000),
        ("$toMillis('2018 Z', '[Y] [Z01:01t]')", UNDEFINED),
        ("$toMillis('x', '[C]')", "D3133"),
        ("$toMillis('x', '[q1]')", "D3133"),
        ("$toMillis('Jan 5', '[ZN1:01]')", UNDEFINED),
    ],
)
def test_times_are_read(text: str, expected: Any) -> None:
    assert answer(text) == expected
