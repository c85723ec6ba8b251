"""Which functions may be activities, and what their ends mean."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.kernel.json import Json
from workflow_manager.worker.functions import Context, Function
from workflow_manager.worker.tasks import Failed, Outcome, Succeeded, Task

INPUT = '{"a":12345678901234567890123}'


@dataclass
class Order:
    item: str
    count: int = 1


class Boom(Exception):
    pass


def check(function: Callable[..., object], text: str = INPUT) -> Outcome:
    return Function("f", function)(Task("token", text)).run()


def nothing() -> None:
    pass


def given(value: Json) -> Json:
    return {"got": value}


def with_context(ctx: Context) -> Json:
    return {"token": ctx.token}


def by_name(context) -> Json:  # type: ignore[no-untyped-def]
    return {"token": context.token}


def with_both(context: Context, value: Json) -> Json:
    return {"token": context.token, "got": value}


def unannotated(c, value):  # type: ignore[no-untyped-def]
    return [c.token, value]


def with_default(value: Json, extra: int = 3) -> Json:
    return [value, extra]


async def asynchronous(value: Json) -> Json:
    await asyncio.sleep(0)
    return value


def typed(order: Order) -> Order:
    return Order(order.item, order.count + 1)


VALUE = json.loads(INPUT)


@pytest.mark.parametrize(
    ("function", "output"),
    [
        (nothing, {}),
        (given, {"got": VALUE}),
        (with_context, {"token": "token"}),
        (by_name, {"token": "token"}),
        (with_both, {"token": "token", "got": VALUE}),
        (unannotated, ["token", VALUE]),
        (with_default, [VALUE, 3]),
        (asynchronous, VALUE),
        (lambda: 0, 0),
        (lambda: False, False),
        (lambda value: value["a"], VALUE["a"]),
    ],
)
def test_each_shape_gets_what_it_takes(function: Callable[..., object], output: object) -> None:
    assert check(function) == Succeeded(json.dumps(output, separators=(",", ":")))


def test_an_annotated_input_is_decoded_into_its_type() -> None:
    assert check(typed, '{"item":"pen"}') == Succeeded('{"item":"pen","count":2}')


def raising(error: BaseException) -> Callable[[], None]:
    def function() -> None:
        raise error

    return function


@pytest.mark.parametrize(
    ("function", "text", "error", "cause"),
    [
        (raising(Boom("it broke")), INPUT, "Boom", "it broke"),
        (raising(KeyError("k")), INPUT, "KeyError", "'k'"),
        (raising(SystemExit(3)), INPUT, "SystemExit", "3"),
        (raising(RecursionError("deep")), INPUT, "RecursionError", "deep"),
        (raising(Boom("x" * 40_000)), INPUT, "Boom", "x" * (32768 - 11) + "[truncated]"),
        (typed, '{"count":2}', "ValidationError", "Object missing required field `item`"),
        (given, "not json", "NotJson", None),
        (lambda: object(), INPUT, "NotJson", "Encoding objects of type object is unsupported"),
        (lambda: float("nan"), INPUT, "NotJson", "not a number"),
        (lambda: "x" * 262_143, INPUT, "States.DataLimitExceeded", None),
    ],
)
def test_what_is_raised_names_the_failure(
    function: Callable[..., object], text: str, error: str, cause: str | None
) -> None:
    outcome = check(function, text)
    assert isinstance(outcome, Failed)
    assert outcome.error == error
    assert cause is None or outcome.cause == cause


def three(a: int, b: int, c: int) -> None: ...


def wrong_first(a: str, b: int) -> None: ...


def keyword_only(*, a: int) -> None: ...


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (None, "function 'f': function is nil"),
        (3, "function 'f': handler kind int is not func"),
        (three, "function 'f': function may not take more than two arguments, but function takes 3"),
        (wrong_first, "function 'f': function takes two arguments, but the first is not Context. got str"),
        (keyword_only, "function 'f': function may not require keyword arguments, but it requires a"),
    ],
)
def test_other_shapes_are_refused_at_construction(function: Any, message: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        Function("f", function)
    assert str(caught.value) == message


def test_a_given_up_task_is_an_internal_error_and_the_function_can_know() -> None:
    seen: list[bool] = []

    def patient(ctx: Context) -> str:
        run.cancel()
        seen.append(ctx.cancelled.is_set())
        return "late"

    run = Function("f", patient)(Task("token", "{}"))
    outcome = run.run()
    assert seen == [True]
    assert isinstance(outcome, Failed)
    assert outcome.error == "InternalError"


@pytest.mark.parametrize(
    ("then", "outcome"),
    [(None, Succeeded("{}")), (Boom("interrupted"), Failed("sfncli.CommandTerminated", "interrupted"))],
)
def test_a_function_of_a_stopping_worker_may_still_succeed(then: Exception | None, outcome: Outcome) -> None:
    def function(ctx: Context) -> None:
        run.stop(15)
        assert ctx.cancelled.is_set()
        if then:
            raise then

    run = Function("f", function)(Task("token", "{}"))
    assert run.run() == outcome


def test_a_bound_method_and_a_callable_object_are_functions_too() -> None:
    class Callable_:  # noqa: N801
        def __call__(self, ctx: Context, value: Order) -> str:
            return ctx.token + value.item

        def method(self, value: Json) -> Json:
            return value

    assert check(Callable_(), '{"item":"x"}') == Succeeded('"tokenx"')
    assert check(Callable_().method, "1") == Succeeded("1")
