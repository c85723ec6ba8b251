"""The examples under deploy/worker: what they run can be run, and stops as they say."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from workflow_manager.cli.main import wfm
from workflow_manager.cli.worker import worker
from workflow_manager.worker.config import WorkerConfig, read_config

EXAMPLES = Path(__file__).parents[2] / "deploy/worker"
UNIT = EXAMPLES / "wfm-worker.service"


def config_of(arguments: list[str]) -> str:
    """Of a command line that is one of `wfm worker`."""
    assert arguments[1] == "worker"
    context = worker.make_context("worker", arguments[2:], **wfm.context_settings)
    file: str = context.params["config_file"]
    return file


def longest_stop(config: WorkerConfig) -> float:
    # What is undisturbed until the grace is over has five seconds more, and reporting takes its time.
    return config.grace.total_seconds() + 10


def test_the_worker_file_is_one() -> None:
    config = read_config("worker.yml", (EXAMPLES / "worker.yml").read_text(), {})
    assert [each.name for each in config.activities] == ["greet", "convert"]


def test_the_unit_runs_a_worker_and_waits_for_it() -> None:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(UNIT.read_text())
    service = unit["Service"]
    assert config_of(service["ExecStart"].split()) == "/etc/wfm/worker.yml"
    config = read_config("worker.yml", (EXAMPLES / "worker.yml").read_text(), {})
    assert float(service["TimeoutStopSec"]) > longest_stop(config)
    assert f"/var/lib/{service['StateDirectory']}" in {each.work_directory for each in config.activities}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    # A program that is there, in place of the one that will be.
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/usr/local/bin/wfm", "/bin/true"))
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, timeout=60
    )
    said = [line for line in checked.stderr.splitlines() if UNIT.name in line]
    assert (checked.returncode, said) == (0, [])


def test_the_deployment_runs_a_worker_and_waits_for_it() -> None:
    files: list[Any] = list(yaml.safe_load_all((EXAMPLES / "kubernetes.yml").read_text()))
    settings, deployment = files
    config = read_config("worker.yml", settings["data"]["worker.yml"], {"HOSTNAME": "pod-1"})
    assert config.name == "pod-1"
    pod = deployment["spec"]["template"]
    assert deployment["spec"]["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
    assert pod["spec"]["terminationGracePeriodSeconds"] > longest_stop(config)
    (container,) = pod["spec"]["containers"]
    mounts = {each["mountPath"]: each["name"] for each in container["volumeMounts"]}
    volumes = {each["name"]: each for each in pod["spec"]["volumes"]}
    folder, _, file = config_of(container["command"] + container["args"]).rpartition("/")
    assert volumes[mounts[folder]]["configMap"]["name"] == settings["metadata"]["name"]
    assert file in settings["data"]
