"""The state machines of the harness: together they have every kind of state and of waiting."""

from __future__ import annotations

from typing import Any

RETRY = [
    {"ErrorEquals": ["Flaky"], "IntervalSeconds": 1, "MaxAttempts": 3},
    {
        "ErrorEquals": ["States.Timeout", "States.HeartbeatTimeout"],
        "IntervalSeconds": 1,
        "BackoffRate": 1,
        "MaxAttempts": 1000,
    },
]

CHILD = {
    "StartAt": "Sleep",
    "States": {
        "Sleep": {"Type": "Wait", "Seconds": 1, "Next": "Done"},
        "Done": {"Type": "Pass", "Result": "child", "End": True},
    },
}

EXPRESS = {
    "StartAt": "Echo",
    "States": {"Echo": {"Type": "Pass", "Next": "Nap"}, "Nap": {"Type": "Wait", "Seconds": 1, "End": True}},
}


def task(resource: str, state: str, **more: Any) -> dict[str, Any]:
    """A task whose worker may vanish."""
    return {
        "Type": "Task",
        "Resource": resource,
        "Parameters": {
            "fate.$": "$.fate",
            "state": state,
            "retry.$": "$$.State.RetryCount",
            "redrive.$": "$$.Execution.RedriveCount",
        },
        "TimeoutSeconds": 6,
        "HeartbeatSeconds": 2,
        "Retry": RETRY,
        **more,
    }


def mixed(activity: str, child: str) -> dict[str, Any]:
    item = {
        "Type": "Map",
        "MaxConcurrency": 2,
        "ItemsPath": "$.items",
        "ItemSelector": {"fate.$": "$.fate", "item.$": "$$.Map.Item.Value"},
        "ItemProcessor": {"StartAt": "Item", "States": {"Item": task(activity, "Item", End=True)}},
        "End": True,
    }
    nested = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": child, "Input": {"by.$": "$$.Execution.Id"}},
        "End": True,
    }
    return {
        "StartAt": "Begin",
        "States": {
            "Begin": {"Type": "Pass", "Result": {"begun": True}, "ResultPath": "$.note", "Next": "Which"},
            "Which": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.fate", "StringEquals": "stop", "Next": "Long"}],
                "Default": "Both",
            },
            "Long": {"Type": "Wait", "Seconds": 86_400, "Next": "After"},
            "Both": {
                "Type": "Parallel",
                "Branches": [
                    {
                        "StartAt": "Pause",
                        "States": {
                            "Pause": {"Type": "Wait", "SecondsPath": "$.pause", "Next": "First"},
                            "First": task(activity, "First", End=True),
                        },
                    },
                    {"StartAt": "Items", "States": {"Items": item}},
                    {"StartAt": "Nested", "States": {"Nested": nested}},
                ],
                "Next": "After",
            },
            "After": {"Type": "Succeed"},
        },
    }


def reckoning(activity: str) -> dict[str, Any]:
    """In JSONata: three rounds of a loop, each with a task, and a variable that counts them."""
    return {
        "QueryLanguage": "JSONata",
        "StartAt": "Begin",
        "States": {
            "Begin": {"Type": "Pass", "Assign": {"round": 0, "sum": 0}, "Next": "Round"},
            "Round": {
                "Type": "Task",
                "Resource": activity,
                "Arguments": {
                    "fate": "{% $states.context.Execution.Input.fate %}",
                    "state": "Round",
                    "retry": "{% $states.context.State.RetryCount %}",
                },
                "TimeoutSeconds": 6,
                "HeartbeatSeconds": 2,
                "Retry": RETRY,
                "Assign": {"round": "{% $round + 1 %}", "sum": "{% $sum + $round %}"},
                "Next": "Enough",
            },
            "Enough": {
                "Type": "Choice",
                "Choices": [{"Condition": "{% $round >= 3 %}", "Next": "Done"}],
                "Default": "Round",
            },
            "Done": {"Type": "Succeed", "Output": {"sum": "{% $sum %}"}},
        },
    }


def spread(activity: str) -> dict[str, Any]:
    """A distributed Map.  Only its first item may fail, be told to wait for a day, or need a redrive."""
    return {
        "StartAt": "Spread",
        "States": {
            "Spread": {
                "Type": "Map",
                "Label": "Items",
                "ItemsPath": "$.items",
                "MaxConcurrency": 3,
                "ItemSelector": {"n.$": "$$.Map.Item.Index", "fate.$": "$$.Map.Item.Value.fate"},
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                    "StartAt": "Which",
                    "States": {
                        "Which": {
                            "Type": "Choice",
                            "Choices": [{"Variable": "$.fate", "StringEquals": "stop", "Next": "Long"}],
                            "Default": "First",
                        },
                        "Long": {"Type": "Wait", "Seconds": 86_400, "End": True},
                        "First": task(activity, "First", End=True),
                    },
                },
                "End": True,
            }
        },
    }


def mended(activity: str) -> dict[str, Any]:
    """Fails in one branch while the other is at work or waits; goes on when it is redriven."""
    return {
        "StartAt": "Both",
        "States": {
            "Both": {
                "Type": "Parallel",
                "Branches": [
                    {"StartAt": "First", "States": {"First": task(activity, "First", End=True)}},
                    {
                        "StartAt": "Sleep",
                        "States": {
                            "Sleep": {"Type": "Wait", "Seconds": 1, "Next": "Second"},
                            "Second": task(activity, "Second", End=True),
                        },
                    },
                ],
                "ResultPath": "$.both",
                "Next": "Third",
            },
            "Third": task(activity, "Third", End=True),
        },
    }


def patient(activity: str) -> dict[str, Any]:
    """Nothing here is ever over by itself: a task that is lost leaves the execution stuck."""
    step = {"Type": "Task", "Resource": activity}
    return {
        "StartAt": "One",
        "States": {
            "One": {**step, "ResultPath": "$.one", "Next": "Two"},
            "Two": {**step, "ResultPath": "$.two", "End": True},
        },
    }


def job() -> dict[str, Any]:
    """For REST, where resources have short names."""
    return {
        "StartAt": "First",
        "States": {
            "First": task("work", "First", ResultPath="$.first", Next="Which"),
            "Which": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.fate", "StringEquals": "stop", "Next": "Long"}],
                "Default": "Last",
            },
            "Long": {"Type": "Wait", "Seconds": 86_400, "Next": "Last"},
            "Last": task("work", "Last", End=True),
        },
    }
