"""Fuzzes one target for as long as it is told, guided by coverage.

Wants atheris, which is no dependency of the tests: `pip install atheris`.

    python -m tests.fuzz.guided jsonata corpus/ -max_total_time=600 -timeout=20 -rss_limit_mb=1500

What stands behind the target's name goes to libFuzzer.  The corpus is begun with the texts of
`tests.fuzz.seeds`; an input that raises, hangs or eats memory is written to a file of its own.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["workflow_manager"]):
    from tests.fuzz.seeds import seeds, words
    from tests.fuzz.targets import TARGETS


def main(arguments: list[str]) -> None:
    target, corpus, *options = arguments
    folder = Path(corpus)
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds(target):
        (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    dictionary = folder.parent / f"{target}.dict"
    lines = ("".join(f"\\x{byte:02x}" for byte in word) for word in words(target))
    dictionary.write_text("".join(f'"{line}"\n' for line in lines))
    atheris.Setup([sys.argv[0], corpus, f"-dict={dictionary}", *options], TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
