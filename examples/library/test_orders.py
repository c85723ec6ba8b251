"""How to test an application's workflows with pytest; the fixtures come with workflow-manager."""

from __future__ import annotations

import json

import pytest
from orders import DEFINITION, Order, price, ship

from workflow_manager import WorkflowFailed


@pytest.fixture
def shop(start_workflow_manager):
    return start_workflow_manager(DEFINITION, {"price": price, "ship": ship}, app="shop")


def test_a_small_order_is_shipped_at_once(shop):
    assert shop.run("order", Order("pencil", 10), timeout=60) == {"label": "pencil for 20", "attempt": 1}


def test_what_is_not_sold_is_refused(shop):
    with pytest.raises(WorkflowFailed, match="We do not sell that"):
        shop.run("order", Order("unicorn"), timeout=60)


def test_code_that_uses_boto3_finds_step_functions(step_functions):
    definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 42, "End": True}}}
    machine = step_functions.create_state_machine(
        name="answer", definition=json.dumps(definition), roleArn="arn:aws:iam::123456789012:role/any"
    )
    started = step_functions.start_execution(stateMachineArn=machine["stateMachineArn"])
    while (found := step_functions.describe_execution(executionArn=started["executionArn"]))[
        "status"
    ] == "RUNNING":
        pass
    assert found["output"] == "42"
