"""Which texts are resources of a Task state, and what a kind of resource asks for."""

from __future__ import annotations

import re
from typing import Final

_ARN: Final = re.compile(r"arn:[A-Za-z0-9-]+:[A-Za-z0-9-]+:[^:\s]*:[^:\s]*:\S.*")

# arn:aws:lambda:region:account:function:name, with a version or an alias at will.
_LAMBDA: Final = re.compile(r"arn:[^:]+:lambda:[^:]*:[^:]*:function:[^:]+(?::(?:\$LATEST|[A-Za-z0-9_-]+))?")
_ANY_LAMBDA: Final = re.compile(r"arn:[^:]+:lambda:[^:]*:[^:]*:function:")
_ACTIVITY: Final = re.compile(r"arn:[^:]+:states:[^:]*:[^:]*:activity:[^:]+")
_ANY_ACTIVITY: Final = re.compile(r"arn:[^:]+:states:[^:]*:[^:]*:activity(?::|$)")

# arn:aws:states:::service:action or …:aws-sdk:service:action, and how to wait for its end.
_ANY_INTEGRATION: Final = re.compile(r"arn:[^:]+:states:::")
_INTEGRATION: Final = re.compile(
    r"arn:[^:]+:states:::(?:aws-sdk:)?[a-z0-9-]+:[A-Za-z0-9]+(?:\.sync(?::2)?|\.waitForTaskToken)?"
)


def resource_problem(text: str) -> str | None:
    """Why the text cannot be the resource of a task, None when it can."""
    if _ANY_INTEGRATION.match(text):
        if _INTEGRATION.fullmatch(text):
            return None
        return (
            f"The resource provided {text} is not recognized. The value is not a valid resource ARN, or the"
            " resource is not available in this region."
        )
    for any_, right in ((_ANY_LAMBDA, _LAMBDA), (_ANY_ACTIVITY, _ACTIVITY), (_ARN, _ARN)):
        if any_.match(text):
            return None if right.fullmatch(text) else "Value is not a valid resource ARN"
    return "Value is not a valid resource ARN"


def express_problem(text: str) -> str | None:
    """Why an Express state machine cannot use the resource, None when it can."""
    if text.endswith(".waitForTaskToken"):
        # The space is AWS's.
        return "Express state machine does not support '.waitForTaskToken' service integration "
    if re.search(r"\.sync(:2)?$", text):
        return "Express state machine does not support '.sync' service integration"
    if _ACTIVITY.fullmatch(text):
        return "Express state machine does not support Activity ARN"
    return None
