"""DynamoDB for tests, over HTTP: moto by default, the stricter ones where they are installed.

moto checks a condition and writes in two steps with nothing in between to stop another thread, so
here its requests come one at a time.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO, Any

import boto3
import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from tests.ports import held_port
from workflow_manager.store.dynamodb.tables import DynamoDBSettings, Tables
from workflow_manager.store.dynamodb.upkeep import Upkeep, table_specs

FETCHED = Path(__file__).parents[1] / ".venv"
DYNALITE = Path(os.environ.get("DYNALITE", FETCHED / "npm/node_modules/.bin/dynalite"))
DYNAMODB_LOCAL = Path(os.environ.get("DYNAMODB_LOCAL", FETCHED / "dynamodb-local"))

# Nobody's; boto3 wants some.
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "any",
    "AWS_SECRET_ACCESS_KEY": "any",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@contextmanager
def moto_server() -> Iterator[str]:
    """All of moto's services at one address."""
    app = DomainDispatcherApplication(create_backend_app)
    one_at_a_time = threading.Lock()

    def serialised(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with one_at_a_time:
            return list(app(environ, start_response))

    server = make_server("127.0.0.1", 0, serialised, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def dynalite() -> Iterator[str]:
    """Without transactions and expiry, but with DynamoDB's rules for keys and expressions."""
    if not DYNALITE.exists():
        pytest.skip("dynalite is not installed: make test-slow installs it")
    options = ["--host", "127.0.0.1", "--createTableMs", "10", "--updateTableMs", "10"]
    with held_port() as port, _running([str(DYNALITE), "--port", str(port), *options], port) as url:
        yield url


@contextmanager
def dynamodb_local() -> Iterator[str]:
    """AWS's own, where a developer who agreed to its licence fetched it."""
    jar = find_dynamodb_local(DYNAMODB_LOCAL)
    if jar is None:
        pytest.skip("DynamoDB Local is not installed: make test-dynamodb-local says how")
    library = f"-Djava.library.path={jar.parent / 'DynamoDBLocal_lib'}"
    command = ["java", library, "-jar", str(jar), "-inMemory", "-disableTelemetry"]
    with held_port() as port, _running([*command, "-port", str(port)], port) as url:
        yield url


def find_dynamodb_local(folder: Path) -> Path | None:
    """Its jar, somewhere in there."""
    return next(folder.rglob("DynamoDBLocal.jar"), None)


def fresh_tables(url: str, **settings: Any) -> Tables:
    """Made anew at that address, under names of their own: all of moto's servers share what they hold."""
    prefix = f"test-{uuid.uuid4()}"
    prefixes = {f"{kind}_prefix": prefix for kind in ("definitions", "workflows", "resources")}
    chosen = DynamoDBSettings(endpoint_url=url, **{**prefixes, **settings})
    Upkeep(chosen).create()
    return Tables(chosen)


def empty(tables: Tables) -> None:
    client = _client(tables.settings.endpoint_url)
    for spec in table_specs(tables.settings):
        for page in client.get_paginator("scan").paginate(TableName=spec.name):
            for item in page["Items"]:
                client.delete_item(TableName=spec.name, Key={name: item[name] for name in spec.key})


@cache
def _client(url: str | None) -> Any:
    return boto3.client("dynamodb", region_name="us-east-1", endpoint_url=url)


@contextmanager
def _running(command: list[str], port: int) -> Iterator[str]:
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        try:
            _wait_for(url, process, said)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=120)


def _wait_for(url: str, process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(url, timeout=120).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            if process.poll() is not None:
                said.seek(0)
                raise RuntimeError(f"it ended: {said.read().decode().strip()}") from None
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
