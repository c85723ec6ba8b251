"""Servers that are killed for good while ends are to be told."""

from __future__ import annotations

import json
import random
import time
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.assembly.serving import aws_played_here
from tests.assembly.serving import served as served_here
from tests.far_away import Distance
from tests.processes import served
from tests.webhooks.receiver import Received, receiving
from workflow_manager.cli.http import Server
from workflow_manager.webhooks.signing import signed_headers

pytestmark = pytest.mark.slow

MACHINE = {"StartAt": "s", "States": {"s": {"Type": "Pass", "End": True}}}
LIVES = 3
AT_ONCE = 15


def test_no_end_is_lost_when_the_server_is_killed_before_it_is_told(tmp_path: Path) -> None:
    drawn = random.Random(7)

    def moody(received: Received) -> tuple[int, Mapping[str, str], bytes]:
        return (503 if drawn.random() < 0.2 else 204), {}, b""

    acknowledged: set[str] = set()
    with receiving(moody) as receiver, served(tmp_path / "data") as process:
        with Server(process.url) as server:
            server.send("POST", "/workflow-definitions", {"name": "wf", "stateMachine": MACHINE})
            webhook = server.send("POST", "/webhooks", {"url": receiver.url})
        for _ in range(LIVES):
            with Server(process.url) as server:
                for _ in range(AT_ONCE):
                    started = server.send("POST", "/workflows", {"workflowDefinition": {"name": "wf"}})
                    acknowledged.add(started["id"])
            process.kill()
            process.start()

        def is_told_of_all() -> bool:
            return acknowledged <= {json.loads(each.body)["data"]["id"] for each in receiver.received}

        with receiver.heard:
            assert receiver.heard.wait_for(is_told_of_all, 600)
        received = list(receiver.received)
    ids = defaultdict(set)
    for each in received:
        ids[json.loads(each.body)["data"]["id"]].add(each.headers["webhook-id"])
        sent_at = datetime.fromtimestamp(int(each.headers["webhook-timestamp"]), UTC)
        signed = signed_headers(webhook["secret"], each.headers["webhook-id"], sent_at, each.body)
        assert each.headers["webhook-signature"] == signed["webhook-signature"]
    # At least once, and always as the same message.
    assert all(len(messages) == 1 for messages in ids.values())
    assert set(ids) == acknowledged


def test_two_servers_on_one_dynamodb_tell_every_end_once(tmp_path: Path) -> None:
    with (
        receiving() as receiver,
        aws_played_here(tmp_path, Distance(seconds=0.005)) as (settings, _),
        served_here(settings) as one,
        served_here(settings) as other,
        Server(f"http://127.0.0.1:{one.port}") as server,
        Server(f"http://127.0.0.1:{other.port}") as second,
    ):
        server.send("POST", "/workflow-definitions", {"name": "wf", "stateMachine": MACHINE})
        server.send("POST", "/webhooks", {"url": receiver.url})
        started = [
            server.send("POST", "/workflows", {"workflowDefinition": {"name": "wf"}})["id"] for _ in range(10)
        ]
        # In the AWS setting an end is seen by who reads, or by the consumer of events.
        while any(second.get(f"/workflows/{each}")["status"] != "succeeded" for each in started):
            time.sleep(0.05)
        received = receiver.wait_for(10, 120)
    assert sorted(json.loads(each.body)["data"]["id"] for each in received) == sorted(started)
