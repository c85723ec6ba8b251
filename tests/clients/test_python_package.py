"""The Python client as its users get it: installed from the tree, its README's programs checked and run."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
import yaml

from tests.processes import ROOT, Served, output_of
from workflow_manager_client import VERSION, AsyncWorkflowManager, WorkflowManager

PACKAGE = ROOT / "gen/python"


def programs() -> list[str]:
    blocks = (PACKAGE / "README.md").read_text().split("```python\n")[1:]
    return [block.split("```")[0] for block in blocks]


@pytest.mark.slow
def test_the_programs_of_its_readme_are_strictly_typed_and_run(tmp_path: Path, server: Served) -> None:
    site = tmp_path / "site"
    offline = ["--no-index", "--no-build-isolation", "--no-deps", "--target", str(site)]
    output_of([sys.executable, "-m", "pip", "install", "-q", *offline, str(PACKAGE)], tmp_path)
    files = []
    for number, program in enumerate(programs()):
        files.append(tmp_path / f"program{number}.py")
        files[-1].write_text(program)
    names = [str(file) for file in files]

    strict = ["--strict", "--no-incremental", "--config-file="]
    output_of([sys.executable, "-m", "mypy", *strict, *names], tmp_path, MYPYPATH="", PYTHONPATH=str(site))
    shown = [
        output_of([sys.executable, name], tmp_path, PYTHONPATH=str(site), WFM_SERVER=server.url)
        for name in names
    ]
    assert shown[0] == 'succeeded "hello"\nGreet succeeded\n'
    assert shown[2].splitlines()[0::4] == ["1 ExecutionStarted", "end succeeded"]
    assert shown[3] == "there is none: no-such-workflow\n"


def test_all_say_the_version_of_the_specification() -> None:
    specification = yaml.safe_load((ROOT / "swagger.yml").read_text())
    assert specification["info"]["version"] == VERSION
    assert f'"version": "{VERSION}"' in (ROOT / "gen/js/package.json").read_text()
    assert f'VERSION = "{VERSION}"' in (ROOT / "gen/js/src/version.ts").read_text()


def test_every_operation_is_a_method_of_every_client() -> None:
    specification = yaml.safe_load((ROOT / "swagger.yml").read_text())
    operations = {
        operation["operationId"]
        for path in specification["paths"].values()
        for method, operation in path.items()
        if method != "parameters"
    }
    javascript = (ROOT / "gen/js/src/client.ts").read_text()
    for operation in operations:
        assert re.search(rf"^  async \*?{operation}\(", javascript, re.MULTILINE), operation
        python = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation).lower()
        assert hasattr(WorkflowManager, python), python
        assert hasattr(AsyncWorkflowManager, python), python


def test_the_npm_lock_names_no_registry() -> None:
    lock = json.loads((ROOT / "gen/js/package-lock.json").read_text())
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
    assert all("integrity" in package for name, package in lock["packages"].items() if name)
