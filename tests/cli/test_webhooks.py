"""`wfm webhooks` against a real server, and a real receiver."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Wfm
from tests.webhooks.receiver import receiving


@pytest.fixture
def definition(wfm: Wfm, name: str, text: str, tmp_path: Path) -> str:
    file = tmp_path / "definition.yml"
    file.write_text(text)
    assert wfm("definitions", "apply", str(file)).code == 0
    return name


def test_an_end_is_told_and_the_delivery_shown(wfm: Wfm, definition: str) -> None:
    with receiving() as receiver:
        made = wfm("webhooks", "create", receiver.url, "--definition", definition, "--status", "failed").out
        webhook_id, secret = made.split()[0], made.split()[3]
        wfm("submit", definition, '{"do": "end"}', "--follow")
        wfm("submit", definition, '{"do": "fail"}', "--follow")
        [received] = receiver.wait_for(1)
        assert b'"type":"workflow.failed"' in received.body
        assert received.headers["webhook-id"].startswith("msg_")
    shown = wfm("webhooks", "show", webhook_id).out
    assert secret.startswith("whsec_")
    assert secret not in shown
    assert f"failed of {definition}" in shown
    assert any(line.startswith(webhook_id) for line in wfm("webhooks", "list").lines)
    [delivery] = wfm("webhooks", "deliveries", webhook_id, "--json").json
    assert delivery["type"] == "workflow.failed"
    again = wfm("webhooks", "redeliver", webhook_id, delivery["id"])
    assert again.out == f"{delivery['id']}  pending\n"
    assert wfm("webhooks", "disable", webhook_id, "--reason", "tired").out == f"{webhook_id}  disabled\n"
    refused = wfm("webhooks", "redeliver", webhook_id, delivery["id"])
    assert (refused.code, "enable it first" in refused.err) == (4, True)
    assert wfm("webhooks", "enable", webhook_id).code == 0
    assert wfm("webhooks", "update", webhook_id, receiver.url + "/2").code == 0
    assert wfm("webhooks", "deliveries", webhook_id, "--status", "dead", "-q").out == ""
    assert wfm("webhooks", "delete", webhook_id).out == f"{webhook_id}  deleted\n"
    assert wfm("webhooks", "show", webhook_id).code == 2


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("http://169.254.169.254/latest/meta-data", "link-local"),
        ("http://10.1.2.3/", "private network: WFM_WEBHOOKS_PRIVATE allows it"),
        ("example.com", "url should be an http or https address"),
    ],
)
def test_an_address_that_must_not_be_told_is_refused(wfm: Wfm, address: str, message: str) -> None:
    printed = wfm("webhooks", "create", address)
    assert printed.code == 2
    assert message in printed.err


def test_a_secret_of_ones_own_comes_from_a_file(wfm: Wfm, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("whsec_" + "A" * 44 + "\n")
    made = wfm("webhooks", "create", "https://example.com/", "--secret-file", str(file))
    assert f"secret: whsec_{'A' * 44}" in made.lines
    file.write_text("too short")
    refused = wfm("webhooks", "create", "https://example.com/", "--secret-file", str(file))
    assert (refused.code, "secret should" in refused.err, "too short" in refused.err) == (2, True, False)
