"""Pins what pyproject.toml asks for: runtime.txt for users; dev.txt, docs.txt, generate.txt for developers.

awscli.txt, which one test uses, is pinned by the same command from `awscli` alone.

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
    [*COMPILE, "--group=build", "--extra=aws", "--output-file=requirements/aws.txt"], cwd=ROOT, check=True
)
subprocess.run(
    [*COMPILE, "--group=build", "--group=dev", "--output-file=requirements/dev.txt"], cwd=ROOT, check=True
)
subprocess.run(
    [*COMPILE[:-1], "-", "--output-file=requirements/awscli.txt"], cwd=ROOT, check=True, input=b"awscli"
)
# Installed into the developers' environment, so nothing that is there may change its version.
for group in ("docs", "generate"):
    beside = [f"--group={group}", "--constraint=requirements/dev.txt"]
    subprocess.run([*COMPILE[:-1], *beside, f"--output-file=requirements/{group}.txt"], cwd=ROOT, check=True)
