"""The container file, as far as it can be judged without an engine for containers: what it copies is
there, and its commands, run in a folder of the test's, give a command that works."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.processes import ROOT, Served

FILE = ROOT / "deploy" / "Containerfile"


class Instruction(NamedTuple):
    word: str
    rest: str


def stages() -> list[list[Instruction]]:
    """The instructions of each stage; lines that go on are put together."""
    text = re.sub(r"^#.*\n", "", FILE.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    found: list[list[Instruction]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            found.append([])
        found[-1].append(Instruction(word, rest.strip()))
    return found


def copies(stage: list[Instruction]) -> Iterator[tuple[list[str], str]]:
    """Sources in the checkout, and where they go."""
    for word, rest in stage:
        if word == "COPY" and not rest.startswith("--from="):
            *sources, target = rest.split()
            yield sources, target


def test_what_it_copies_is_there_and_nothing_is_copied_out_of_thin_air() -> None:
    build, final = stages()
    for sources, _ in copies(build):
        for source in sources:
            assert (ROOT / source).exists(), source
    assert list(copies(final)) == []
    (taken,) = [rest for word, rest in final if word == "COPY"]
    assert taken == "--from=build /opt/wfm /opt/wfm"


def test_what_it_copies_and_nothing_else_is_handed_to_the_builder() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    build, _ = stages()
    copied = {source for sources, _ in copies(build) for source in sources}
    assert lines[0] == "*"
    assert {line.removeprefix("!") for line in lines[1:] if line.startswith("!")} == copied
    assert [line for line in lines[1:] if not line.startswith("!")] == ["**/__pycache__"]


def test_it_starts_what_there_is_and_as_nobody() -> None:
    _, final = stages()
    words = [word for word, _ in final]
    said = dict(final)
    assert (said["ENTRYPOINT"], said["CMD"]) == ('["wfm"]', '["serve", "--host", "0.0.0.0"]')
    assert words.index("USER") < words.index("ENTRYPOINT")
    # Kubernetes takes no name for proof that it is not root.
    assert int(said["USER"]) > 0
    assert f"--uid {said['USER']} " in said["RUN"]
    assert said["ENV"].startswith("PATH=/opt/wfm/bin:")


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_its_commands_make_a_server_that_answers(tmp_path: Path) -> None:
    """Installs from the network, as building the image does."""
    build, _ = stages()
    source, installed = tmp_path / "source", tmp_path / "wfm"
    source.mkdir()
    for word, rest in build:
        if word == "COPY":
            *names, target = rest.split()
            for name in names:
                copy(ROOT / name, source / target, as_itself=not target.endswith("/") and len(names) == 1)
        elif word == "RUN":
            command = rest.replace("/opt/wfm", str(installed))
            subprocess.run(["sh", "-ec", command], cwd=source, check=True, timeout=3000)
    wfm = installed / "bin" / "wfm"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    asked = subprocess.run([wfm, "--version"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert asked.stdout.startswith("wfm 0."), asked
    # What the AWS setting needs is in it as well: this fails for want of an answer, not of a module.
    nowhere = {**environment, "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:9"}
    nowhere |= {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}
    asked = subprocess.run(
        [wfm, "tables", "check"], cwd=tmp_path, env=nowhere, capture_output=True, text=True, timeout=120
    )
    assert (asked.returncode, "127.0.0.1:9" in asked.stderr) == (5, True), asked
    server = Served(tmp_path / "data", program=[str(wfm)])
    try:
        urllib.request.urlopen(f"{server.url}/_ready", timeout=180).close()
    finally:
        server.stop()


def copy(source: Path, target: Path, *, as_itself: bool) -> None:
    """As COPY does: a folder's contents, or files into a folder."""
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        return
    into = target if as_itself else target / source.name
    into.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, into)
