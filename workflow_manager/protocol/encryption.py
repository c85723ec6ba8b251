"""EncryptionConfiguration: judged as AWS judges it, kept, and shown again.

Nothing is encrypted by it.  What the engine stores is as safe as the disk it is on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from workflow_manager.protocol.model import Request
from workflow_manager.protocol.refusals import Refusal

_OWN_KEY: Final = "AWS_OWNED_KEY"
_REUSE_SECONDS: Final = 300  # of a data key, when the caller does not say


def read_encryption(request: Request) -> dict[str, Any] | None:
    """As given; nothing for the key that is AWS's own, None where it is not mentioned.

    Raises the refusal of a configuration that contradicts itself.
    """
    given: dict[str, Any] | None = request.get("encryptionConfiguration")
    if given is None:
        return None
    if given["type"] == _OWN_KEY:
        if len(given) > 1:
            raise _invalid(f"KMS key settings must not be specified when type is {_OWN_KEY}")
        return {}
    if "kmsKeyId" not in given:
        raise _invalid(f"kmsKeyId must be specified when type is {given['type']}")
    return {"kmsDataKeyReusePeriodSeconds": _REUSE_SECONDS, **given}


def show_encryption(encryption: Mapping[str, object]) -> Mapping[str, object]:
    return encryption or {"type": _OWN_KEY}


def _invalid(problem: str) -> Refusal:
    return Refusal("InvalidEncryptionConfiguration", f"Invalid Encryption Configuration: {problem}")
