"""Names and ARNs as callers give them: what AWS refuses before it looks for anything."""

from __future__ import annotations

import re
from typing import Final

from workflow_manager.protocol.refusals import Refusal

# Blanks, brackets, wildcards, special characters, control characters.
_FORBIDDEN: Final = re.compile(r"[\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]")


def check_name(name: str) -> str:
    """Raises the refusal of a name that a state machine, execution or activity cannot have."""
    if _FORBIDDEN.search(name):
        raise Refusal("InvalidName", f"Invalid Name: '{name}'")
    return name


def check_arn(arn: str, *kinds: str) -> str:
    """Raises the refusal of what is not the ARN of one of the kinds."""
    parts = arn.split(":", 6)
    if parts[0] != "arn" or len(parts) < 2:
        raise Refusal("InvalidArn", f"Invalid Arn: 'Invalid ARN prefix: {arn}'")
    if len(parts) < 7 or parts[2] != "states" or not parts[6]:
        raise Refusal("InvalidArn", f"Invalid Arn: 'Invalid ARN: {arn}'")
    if parts[5] not in kinds:
        raise Refusal("InvalidArn", f"Invalid Arn: 'Resource type not valid in this context: {parts[5]}'")
    if parts[5] == "stateMachine" and "/" in parts[6]:
        # "If you provide a qualified state machine ARN that refers to a Distributed Map state, the
        # request fails with ValidationException" (API Reference, of every operation that takes one).
        raise Refusal("ValidationException", f"The ARN refers to a Distributed Map state: '{arn}'")
    return arn
