"""Task tokens: they say whose task it is, and nobody can make one up.

A token is made from the execution's ARN, the frame and its visit, sealed with the execution's
secret.  So the engine finds the execution without an index, and a token of another execution of
the same name, or of an attempt that is over, opens nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from functools import lru_cache
from typing import Final, NamedTuple

from workflow_manager.engine.execution import Identity
from workflow_manager.engine.frames import FrameId

_SEAL_BYTES: Final = 16


class Claim(NamedTuple):
    """What a token says; true only if `is_genuine`."""

    execution_arn: str
    frame: FrameId
    visit: int
    seal: bytes


def make_token(identity: Identity, frame: FrameId, visit: int) -> str:
    """The receipt for the task that `frame` waits for at `visit`."""
    body = f"{frame}\n{visit}\n{identity.arn}".encode()
    return base64.b64encode(_seal(identity.secret, body) + body, altchars=b"-_").decode()


@lru_cache(maxsize=1024)
def parse_token(token: str) -> Claim | None:
    """What a token claims; None for what is no token of ours."""
    try:
        raw = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
        frame, visit, arn = raw[_SEAL_BYTES:].decode().split("\n", 2)
        return Claim(arn, frame, int(visit), raw[:_SEAL_BYTES])
    except (binascii.Error, ValueError):
        return None


def is_genuine(claim: Claim, identity: Identity) -> bool:
    """Was the token made for this execution, and not only for one that was called the same?"""
    body = f"{claim.frame}\n{claim.visit}\n{identity.arn}".encode()
    return hmac.compare_digest(claim.seal, _seal(identity.secret, body))


def _seal(secret: str, body: bytes) -> bytes:
    return hashlib.blake2b(body, key=secret.encode()[:64], digest_size=_SEAL_BYTES).digest()
