"""Every command and program in the docs, run as written against a server of its own."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import Shell, matches, steps

ROOT = Path(__file__).parents[2]
PAGES = [page for page in sorted(ROOT.glob("docs/**/*.md")) if steps(page)]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "workflow_manager",
            "serve",
            "--port",
            str(port),
            "--data",
            str(tmp_path / "data"),
        ],
        cwd=ROOT,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{url}/_health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_page_does_what_it_says(page: Path, server: str, tmp_path: Path) -> None:
    folder = tmp_path / "reader"
    shutil.copytree(ROOT / "examples", folder / "examples")
    shell = Shell(
        folder,
        {
            "WFM_SERVER": server,
            "AWS_ENDPOINT_URL_SFN": server,
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_DEFAULT_REGION": "us-east-1",
            "PYTHONPATH": str(ROOT),
            "NO_COLOR": "1",
            "COLUMNS": "120",
        },
    )
    try:
        for step in steps(page):
            printed = shell.run(step.command)
            assert matches(step.shown, printed), (
                f"{page.name}:{step.line}: `{step.command}` printed\n{printed}\n"
                f"where the page shows\n{step.shown}"
            )
    finally:
        shell.close()
