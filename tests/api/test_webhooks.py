"""Webhooks over REST: what is shown, what never is, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.wire import Server

URL = "https://example.com/in"


def test_a_secret_is_shown_once(server: Server) -> None:
    made = server.request("POST", "/webhooks", {"url": URL, "statuses": ["failed", "failed"]})
    assert made.status == 201
    webhook_id, secret = made.json["id"], made.json["secret"]
    where = f"/webhooks/{webhook_id}"
    for answer in (
        server.request("GET", where),
        server.request("PUT", where, {"url": URL, "secret": "whsec_" + "B" * 44}),
        server.request("POST", f"{where}/disable", {"reason": "x"}),
        server.request("POST", f"{where}/enable"),
        server.request("GET", "/webhooks"),
    ):
        assert answer.status == 200
        assert secret.encode() not in answer.body
        assert b"whsec_" not in answer.body
    assert made.json["statuses"] == ["failed"]
    assert server.request("GET", f"{where}/deliveries?status=dead").json == []
    assert server.request("DELETE", where).status == 200
    assert server.request("GET", where).status == 404


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "url in body is required"),
        ({"url": "http://127.0.0.1/"}, "url in body: 127.0.0.1 is this machine"),
        ({"url": "http://[fe80::1]/"}, "url in body: fe80::1 is link-local"),
        ({"url": URL, "statuses": ["running"]}, "statuses.0 in body should be one of"),
        ({"url": URL, "secret": "mine"}, "secret in body should be"),
        ({"url": URL, "tags": {"a": 1}}, "tags.a in body should be a string"),
    ],
)
def test_what_cannot_be_is_refused_with_field_and_reason(
    server: Server, body: dict[str, Any], message: str
) -> None:
    answer = server.request("POST", "/webhooks", body)
    assert (answer.status, message in answer.message) == (400, True), answer.message
