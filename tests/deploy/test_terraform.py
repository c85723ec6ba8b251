"""The Terraform module, as far as it can be judged without Terraform: it parses, names nothing that is
not there, is laid out as `terraform fmt` does, and makes what the server and the docs say."""

from __future__ import annotations

import json
import re
import subprocess
import textwrap
from typing import Any

import hcl2
import pytest

from tests.deploy.terraform import FOLDER, read_module
from tests.processes import ROOT
from workflow_manager.consumer.log_group import FILTER_NAME, RETENTION_DAYS
from workflow_manager.settings import settings_fields
from workflow_manager.store.dynamodb.tables import DynamoDBSettings
from workflow_manager.store.dynamodb.upkeep import table_specs

MODULE = read_module()

# What a resource tells of itself, of those that are asked.
ATTRIBUTES = {"arn", "id", "json", "name", "url", "account_id", "partition"}


def test_every_reference_is_to_something_that_is_there() -> None:
    addresses = MODULE.addresses()
    for reference in MODULE.references():
        length = 3 if reference[0] == "data" else 2
        assert ".".join(reference[:length]) in addresses, reference
        assert set(reference[length:]) <= ATTRIBUTES, reference


def test_nothing_is_there_that_nobody_refers_to() -> None:
    used = {".".join(each[: 3 if each[0] == "data" else 2]) for each in MODULE.references()}
    assert {
        each for each in MODULE.addresses() - used if each.startswith(("var.", "local.", "data."))
    } == set()


FORMAT = """
const { format } = require("@cdktf/hcl-tools");
const read = require("node:fs").readFileSync;
Promise.all(process.argv.slice(1).map((file) => format(read(file, "utf8"))))
  .then((texts) => console.log(JSON.stringify(texts)));
"""


@pytest.mark.slow
def test_the_layout_is_that_of_terraform_fmt() -> None:
    """By HashiCorp's own formatter, which `terraform fmt` is made of."""
    npm = ROOT / ".venv/npm"
    if not (npm / "node_modules/@cdktf/hcl-tools").is_dir():
        pytest.skip("the formatter is not installed: make test-slow installs it")
    files = sorted(FOLDER.glob("*.tf"))
    printed = subprocess.run(
        ["node", "-e", FORMAT, *map(str, files)], cwd=npm, check=True, capture_output=True, text=True
    )
    formatted = dict(zip(files, json.loads(printed.stdout), strict=True))
    assert [file.name for file, text in formatted.items() if text != file.read_text()] == []


def test_the_docs_list_what_the_module_makes() -> None:
    rows = re.findall(
        r"^\| `(aws_\w+)` \| ((?:`\w+` ?)+)\|", (ROOT / "docs/aws.md").read_text(), re.MULTILINE
    )
    listed = {f"{kind}.{name}" for kind, names in rows for name in re.findall(r"`(\w+)`", names)}
    assert listed == set(MODULE.resources)


def test_it_puts_out_variables_that_there_are() -> None:
    known = {each.metadata["variable"] for each in settings_fields()}
    text = (FOLDER / "outputs.tf").read_text() + (FOLDER / "log.tf").read_text()
    put_out = set(re.findall(r"^ +((?:AWS|WFM)_[A-Z_]+) +=", text, re.MULTILINE))
    assert put_out <= known
    required = {"AWS_SFN_REGION", "AWS_SFN_ACCOUNT_ID", "AWS_SFN_ROLE_ARN", "WFM_EVENTS_QUEUE_URL"}
    assert required <= put_out


def test_it_makes_the_tables_that_the_server_needs() -> None:
    made = {}
    for address, table in MODULE.resources.items():
        if address.startswith("aws_dynamodb_table."):
            indexes = {
                index["name"]: (index["hash_key"], index["range_key"])
                for index in table.get("global_secondary_index", ())
            }
            projected = {index["projection_type"] for index in table.get("global_secondary_index", ())}
            assert projected <= {"ALL"}
            types = {each["name"]: each["type"] for each in table["attribute"]}
            made[table["name"].removeprefix("${var.prefix}")] = (_key(table), indexes, types, "ttl" in table)
    specs = table_specs(DynamoDBSettings(definitions_prefix="", workflows_prefix="", resources_prefix=""))
    wanted = {}
    for spec in specs:
        used = [*spec.key, *(name for index in spec.indexes.values() for name in index)]
        types = {each["AttributeName"]: each["AttributeType"] for each in spec.attributes(used)}
        wanted[spec.name] = (spec.key, dict(spec.indexes), types, spec.expires)
    assert made == wanted


def test_the_docs_use_the_module_as_it_is() -> None:
    (example,) = re.findall(r"```hcl\n(.*?)```", (ROOT / "docs/aws.md").read_text(), re.DOTALL)
    used = hcl2.loads(textwrap.dedent(example))
    ((module,),) = (each.values() for each in used["module"])
    assert {name for name in module if not name.startswith("__")} - {"source"} <= set(MODULE.variables)
    assert {name for name, each in MODULE.variables.items() if "default" not in each} <= set(module)
    assert (ROOT / module["source"].strip('"')).resolve() == FOLDER
    told = re.findall(r"module\.workflow_manager\.(\w+)", example)
    assert set(told) == set(MODULE.outputs)


def test_the_docs_tell_of_the_tables_that_the_server_needs() -> None:
    rows = re.findall(
        r"^\| `…(-[a-z-]+)` \| ((?:`\w+` ?)+)\|(.*)\|$", (ROOT / "docs/aws.md").read_text(), re.MULTILINE
    )
    told = {
        name: (
            tuple(re.findall(r"`(\w+)`", key)),
            {
                index: tuple(re.findall(r"`([\w-]+)`", of))
                for index, of in re.findall(r"`([a-z-]+)` of ((?:`[\w-]+` ?)+)", indexes)
            },
        )
        for name, key, indexes in rows
    }
    specs = table_specs(DynamoDBSettings(definitions_prefix="", workflows_prefix="", resources_prefix=""))
    assert told == {spec.name: (spec.key, dict(spec.indexes)) for spec in specs}


def _key(table: Any) -> tuple[str, ...]:
    return tuple(table[part] for part in ("hash_key", "range_key") if part in table)


def test_it_makes_the_log_group_that_the_command_makes() -> None:
    group = MODULE.resources["aws_cloudwatch_log_group.executions"]
    led = MODULE.resources["aws_cloudwatch_log_subscription_filter.to_stream"]
    assert group["retention_in_days"] == RETENTION_DAYS
    assert (led["name"], led["filter_pattern"], led["distribution"]) == (FILTER_NAME, "", "ByLogStream")
