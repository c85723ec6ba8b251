"""Pins what pyproject.toml asks for: runtime.txt for users, dev.txt for developers.

Needs `uv`, which `make lock` does not install for you: `pip install uv`.
"""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
COMPILE = [
    *("uv", "pip", "compile", "--quiet", "--universal", "--python-version=3.11", "--upgrade"),
    *("--generate-hashes", "--no-header", "--no-annotate", "pyproject.toml"),
]

subprocess.run([*COMPILE, "--group=build", "--output-file=requirements/runtime.txt"], cwd=ROOT, check=True)
subprocess.run(
    [*COMPILE, "--group=build", "--group=dev", "--output-file=requirements/dev.txt"], cwd=ROOT, check=True
)
