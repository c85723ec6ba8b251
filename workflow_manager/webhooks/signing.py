"""Secrets and signatures, as Standard Webhooks has them: https://www.standardwebhooks.com."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from workflow_manager.kernel.errors import InvalidRequest

PREFIX: Final = "whsec_"

# Of the key itself, in bytes; the standard's own bounds.
SHORTEST: Final = 24
LONGEST: Final = 64


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def check_secret(secret: str) -> str:
    """Raises `InvalidRequest`, which does not repeat it."""
    if not SHORTEST <= len(_key(secret)) <= LONGEST:
        raise InvalidRequest(f"secret in body should be the base64 of {SHORTEST} to {LONGEST} bytes")
    return secret


def signed_headers(secret: str, message_id: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """The three headers that say which message it is, when it was sent, and by whom."""
    timestamp = str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    mac = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidRequest(f"secret in body should be {PREFIX} and then base64") from None
