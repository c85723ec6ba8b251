"""Which texts are resources of a Task state, and what a kind of resource asks for."""

from __future__ import annotations

import re
from typing import Final

from workflow_manager.asl.integrations import read_integration

_ARN: Final = re.compile(r"arn:[A-Za-z0-9-]+:[A-Za-z0-9-]+:[^:\s]*:[^:\s]*:\S.*")

# arn:aws:lambda:region:account:function:name, with a version or an alias at will.
_LAMBDA: Final = re.compile(r"arn:[^:]+:lambda:[^:]*:[^:]*:function:[^:]+(?::(?:\$LATEST|[A-Za-z0-9_-]+))?")
_ANY_LAMBDA: Final = re.compile(r"arn:[^:]+:lambda:[^:]*:[^:]*:function:")
_ACTIVITY: Final = re.compile(r"arn:[^:]+:states:[^:]*:[^:]*:activity:[^:]+")
_ANY_ACTIVITY: Final = re.compile(r"arn:[^:]+:states:[^:]*:[^:]*:activity(?::|$)")

_ANY_INTEGRATION: Final = re.compile(r"arn:[^:]+:states:::")


def task_problem(text: str) -> str | None:
    """Why the text cannot be the resource of a Task state, None when it can."""
    integration = read_integration(text)
    if integration is not None and not integration.is_offered:
        return _not_recognized(text)
    return resource_problem(text)


def resource_problem(text: str) -> str | None:
    """Why the text cannot be a resource at all, whatever state or field it is for."""
    if _ANY_INTEGRATION.match(text):
        return None if read_integration(text) else _not_recognized(text)
    for any_, right in ((_ANY_LAMBDA, _LAMBDA), (_ANY_ACTIVITY, _ACTIVITY), (_ARN, _ARN)):
        if any_.match(text):
            return None if right.fullmatch(text) else "Value is not a valid resource ARN"
    return "Value is not a valid resource ARN"


def _not_recognized(text: str) -> str:
    return (
        f"The resource provided {text} is not recognized. The value is not a valid resource ARN, or the"
        " resource is not available in this region."
    )


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
