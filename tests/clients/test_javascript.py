"""The JavaScript client as its users get it: installed from the tree into a project of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.processes import ROOT, Served, output_of

HERE = Path(__file__).parent
PACKAGE = ROOT / "gen/js"
TYPESCRIPT = PACKAGE / "node_modules/.bin/tsc"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("npm") is None, reason="needs Node and npm"),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the client installed, from the tree alone."""
    folder = tmp_path_factory.mktemp("javascript")
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    output_of(
        ["npm", "install", "--offline", "--install-links", "--no-audit", "--no-fund", str(PACKAGE)], folder
    )
    for test in (HERE / "javascript").iterdir():
        shutil.copy(test, folder)
    return folder


def test_every_operation_works(project: Path, server: Served) -> None:
    output_of(
        ["node", "--test", "live.test.mjs"],
        project,
        WFM_SERVER=server.url,
        KITCHEN_SINK=str(HERE / "kitchen-sink.json"),
    )


def test_strange_answers_are_told_as_they_are(project: Path) -> None:
    output_of(["node", "--test", "wire.test.mjs"], project)


def test_it_drags_nothing_along(project: Path) -> None:
    installed = {path.name for path in (project / "node_modules").iterdir()}
    assert installed - {".package-lock.json"} == {"workflow-manager-client"}


@pytest.mark.skipif(not TYPESCRIPT.exists(), reason="needs what `make generate` installs")
@pytest.mark.parametrize("module", ["module", "commonjs"])
def test_the_programs_of_its_readme_compile_strictly_and_run(
    project: Path, server: Served, module: str
) -> None:
    folder = project / module
    folder.mkdir()
    (folder / "package.json").write_text(f'{{"private": true, "type": "{module}"}}')
    readme = (PACKAGE / "README.md").read_text()
    for number, block in enumerate(readme.split("```ts\n")[1:]):
        program = block.split("```")[0]
        if module == "commonjs":  # which has no `await` outside of a function
            imports, _, rest = program.partition("\n\n")
            program = f"{imports}\nasync function main() {{\n{rest}}}\nvoid main();\n"
        (folder / f"program{number}.ts").write_text(program)
    types = str(PACKAGE / "node_modules/@types")
    strict = ["--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes"]
    resolution = ["--module", "nodenext", "--target", "es2022", "--typeRoots", types, "--types", "node"]
    programs = sorted(path.name for path in folder.glob("*.ts"))
    output_of([str(TYPESCRIPT), *strict, *resolution, *programs], folder)
    shown = [
        output_of(["node", program.replace(".ts", ".js")], folder, WFM_SERVER=server.url)
        for program in programs
    ]
    assert shown[0] == 'succeeded "hello"\nGreet succeeded\n'
    assert shown[2].splitlines()[0::4] == ["1 ExecutionStarted", "succeeded"]
    assert shown[3] == "there is none: no-such-workflow\n"
