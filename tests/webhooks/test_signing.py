"""Signatures, as others check them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.webhooks.signing import check_secret, new_secret, signed_headers


def test_a_signature_is_the_one_of_the_standards_own_example() -> None:
    headers = signed_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_new_secret_is_a_good_one_and_never_the_same() -> None:
    assert check_secret(new_secret()) != new_secret()


@pytest.mark.parametrize("secret", ["whsec_", "whsec_AAAA", "secret!", "whsec_" + "A" * 200, "whsec_ü"])
def test_a_bad_secret_is_refused_without_repeating_it(secret: str) -> None:
    with pytest.raises(InvalidRequest, match="secret in body should be") as refusal:
        check_secret(secret)
    assert secret.removeprefix("whsec_") not in str(refusal.value) or secret == "whsec_"
