"""Distributed Map: the step's half of a map run."""

from __future__ import annotations

import json

import pytest

from tests.engine.driver import Driver
from tests.engine.machines import definition, machine, map_state, pass_state
from workflow_manager.asl.failure import EvaluationFailed, Failure
from workflow_manager.engine.context import Item
from workflow_manager.engine.events import MapRunFailed, MapRunSucceeded
from workflow_manager.engine.frames import MapRunning
from workflow_manager.engine.map_progress import page, unpaged
from workflow_manager.engine.map_runs import child_inputs

DISTRIBUTED = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}


def started(input: str, **fields: object) -> Driver:
    processor = definition(pass_state("P"), **DISTRIBUTED)
    return Driver(machine(map_state("M", processor, **fields), pass_state("End")), input).start()


def the_run(driver: Driver) -> MapRunning:
    waiting = driver.frames["0"].waiting
    assert isinstance(waiting, MapRunning)
    return waiting


def inputs(driver: Driver, read: list[Item] | None = None) -> list[object]:
    texts = child_inputs(driver.execution, "0", read, at=driver.clock.now(), seed=1)
    return [json.loads(given.text) for given in texts]


def succeed(driver: Driver, arn: str, output: str = "[]") -> bool:
    return driver.send(MapRunSucceeded(**driver.now(), frame="0", map_run_arn=arn, output=output))


def fail(driver: Driver, arn: str) -> bool:
    failure = Failure(
        "States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded"
    )
    return driver.send(MapRunFailed(**driver.now(), frame="0", map_run_arn=arn, failure=failure))


def test_a_run_is_told_what_it_needs() -> None:
    driver = started("[1,2]", MaxConcurrency=5, ToleratedFailurePercentage=10, Label="items")
    run = the_run(driver)
    assert (run.length, run.max_concurrency, run.tolerated_failure_percentage) == (2, 5, 10)
    assert run.map_run_arn.startswith("arn:aws:states:us-east-1:123456789012:mapRun:machine/items:")
    assert inputs(driver) == [1, 2]


def test_the_result_of_a_run_is_the_result_of_the_state() -> None:
    driver = started("[1]")
    assert succeed(driver, the_run(driver).map_run_arn, '["done"]')
    assert driver.ending is not None
    assert driver.ending.output == '["done"]'


def test_a_run_that_was_given_up_is_not_listened_to() -> None:
    driver = started("[1]", Retry=[{"ErrorEquals": ["States.ALL"]}])
    first = the_run(driver).map_run_arn
    assert fail(driver, first)
    driver.skip_to_next_timer()
    assert the_run(driver).map_run_arn != first
    assert not succeed(driver, first)
    assert not fail(driver, first)


def test_a_failed_run_can_be_caught() -> None:
    catch = [{"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "Next": "End"}]
    driver = started("[1]", Catch=catch)
    fail(driver, the_run(driver).map_run_arn)
    assert driver.types[4:7] == ["MapRunFailed", "MapStateFailed", "MapStateExited"]


def test_items_are_selected_one_by_one() -> None:
    selector = {"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value", "all.$": "$"}
    driver = started('["a","b"]', ItemSelector=selector)
    assert inputs(driver) == [{"i": n, "v": v, "all": ["a", "b"]} for n, v in enumerate("ab")]


def test_items_that_were_read_are_selected_too() -> None:
    reader = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key.$": "$.k"}}
    driver = started('{"k":"key"}', ItemReader=reader, ItemSelector={"v.$": "$$.Map.Item.Value"})
    source = the_run(driver).reader
    assert source is not None
    assert json.loads(source.arguments) == {"Bucket": "b", "Key": "key"}
    assert inputs(driver, [Item(1), Item(2)]) == [{"v": 1}, {"v": 2}]


def test_the_entries_of_an_object_are_items_too() -> None:
    assert inputs(started('{"a":1,"b":[2]}')) == [{"Key": "a", "Value": 1}, {"Key": "b", "Value": [2]}]
    driver = started('{"o":{"a":1,"b":[2]}}', ItemsPath="$.o", ItemSelector={"item.$": "$$.Map.Item"})
    assert the_run(driver).length == 2
    assert inputs(driver) == [
        {"item": {"Index": 0, "Key": "a", "Value": 1, "Source": "STATE_DATA"}},
        {"item": {"Index": 1, "Key": "b", "Value": [2], "Source": "STATE_DATA"}},
    ]


@pytest.mark.parametrize("items", ["{% $states.input.o %}", {"a": "{% $states.input.o.a %}"}])
def test_jsonata_may_give_an_object_of_items(items: object) -> None:
    selector = "{% $states.context.Map.Item.Key & $states.context.Map.Item.Value %}"
    processor = definition(pass_state("P"), **DISTRIBUTED)
    state = map_state("M", processor, QueryLanguage="JSONata", Items=items, ItemSelector={"x": selector})
    driver = Driver(machine(state), '{"o":{"a":1}}').start()
    assert inputs(driver) == [{"x": "a1"}]


def test_pages_of_items_keep_keys_and_places() -> None:
    items = [Item(1, source="S3://b/o"), Item([2], "k", "S3://b/o"), Item(None, source="S3://b/p")]
    count, text = page(iter(items))
    assert (count, list(unpaged(text))) == (3, items)
    assert list(unpaged("[1,2]")) == [Item(1), Item(2)]
    assert page(iter(()))[0] == 0


@pytest.mark.parametrize(
    ("batcher", "batches"),
    [
        ({"MaxItemsPerBatch": 2}, [{"Items": [1, 2]}, {"Items": [3, 4]}, {"Items": [5]}]),
        ({"MaxItemsPerBatch": 9}, [{"Items": [1, 2, 3, 4, 5]}]),
        ({"MaxInputBytesPerBatch": 16}, [{"Items": [1, 2]}, {"Items": [3, 4]}, {"Items": [5]}]),
        (
            {"MaxItemsPerBatch": 3, "BatchInput": {"x": 1}},
            [{"BatchInput": {"x": 1}, "Items": [1, 2, 3]}, {"BatchInput": {"x": 1}, "Items": [4, 5]}],
        ),
    ],
)
def test_items_are_batched(batcher: dict[str, object], batches: list[object]) -> None:
    assert inputs(started("[1,2,3,4,5]", ItemBatcher=batcher)) == batches


def test_an_item_that_cannot_be_selected_is_an_error_of_the_run() -> None:
    driver = started("[1]", ItemSelector={"x.$": "$.nothing"})
    with pytest.raises(EvaluationFailed):
        inputs(driver)
