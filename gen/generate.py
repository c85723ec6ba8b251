"""Writes the generated parts of both clients from swagger.yml; with --check only says what would change.

What is written: `generated/` of both, the async twin of the Python client, and the compiled
JavaScript.  Everything else here is written by hand and left alone.  The same input gives the same
bytes: the tools are pinned in requirements/generate.txt and in js/package-lock.json.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent.resolve()
SPECIFICATION = HERE.parent / "swagger.yml"
PACKAGE = Path("python/workflow_manager_client")
PYTHON_OUTPUTS = [PACKAGE / "generated", PACKAGE / "aio.py"]
JS_OUTPUTS = [Path("js/src/generated"), Path("js/dist")]
OLDEST_NODE = (20, 19)

# From the sync client to its twin, in this order.
TWIN = [
    (r'\A""".*?"""', '"""`client.py` for asyncio.  Written from it by `make generate`; change that one."""'),
    (r"\bIterator\b", "AsyncIterator"),
    (r"class WorkflowManager\b", "class AsyncWorkflowManager"),
    (r"httpx\.(BaseTransport|HTTPTransport)\b", r"httpx.Async\1"),
    (r"\bWire\b", "AsyncWire"),
    (r"in a `with`", "in an `async with`"),
    (r"^    def (?!__init__)", "    async def "),
    (r"  # noqa: UP028[^\n]*", ""),
    (r"\bfor (\w+) in self\._(walk|follow|stream)\(", r"async for \1 in self._\2("),
    (r"\bfor line in response\.iter_lines\(", "async for line in response.aiter_lines("),
    (r"\bwith client\.stream\b", "async with client.stream"),
    (r"= self\._client\.get_httpx_client\(\)$", "= self._client.get_async_httpx_client()"),
    (r"^import time$", "import asyncio"),
    (r"\btime\.sleep\b", "await asyncio.sleep"),
    (r"__(enter|exit)__", r"__a\1__"),
    (r"self\.close\(\)", "await self.close()"),
    (r"self\._client\.get_httpx_client\(\)\.close\b", "await self._client.get_async_httpx_client().aclose"),
    (r"self\._client\.get_httpx_client\(\)\.get\b", "await self._client.get_async_httpx_client().get"),
    (r"(\w+)\.sync(_detailed)?\(", r"await \1.asyncio\2("),
]


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Write the generated parts of both clients from swagger.yml."
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail if anything would change")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        write_python(fresh)
        is_stale = settle(fresh, PYTHON_OUTPUTS, check)
        require_node()
        write_javascript(fresh)
        is_stale |= settle(fresh, JS_OUTPUTS, check)
    if is_stale:
        print("Run `make generate` and commit what it wrote.")
    return int(is_stale)


def write_python(fresh: Path) -> None:
    package = fresh / PACKAGE
    shutil.copytree(HERE / PACKAGE, package, ignore=shutil.ignore_patterns("generated", "__pycache__"))
    tools = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    run(
        [
            *(str(tools / "openapi-python-client"), "generate", "--meta=none", "--fail-on-warning"),
            *("--path", str(SPECIFICATION), "--config", str(HERE / "python/generator.yml")),
            *("--output-path", str(package / "generated")),
        ],
        package,
        environment,
    )
    shutil.rmtree(package / "generated/.ruff_cache", ignore_errors=True)
    twin = (package / "client.py").read_text()
    for pattern, replacement in TWIN:
        twin = re.sub(pattern, replacement, twin, flags=re.MULTILINE | re.DOTALL)
    (package / "aio.py").write_text(twin)
    ruff = [str(tools / "ruff"), "--isolated", "--config=line-length=110"]
    run([*ruff, "check", "--quiet", "--fix", "--select=I", "aio.py"], package, environment)
    run([*ruff, "format", "--quiet", "aio.py"], package, environment)


def require_node() -> None:
    """Ends the program, with the reason, when the JavaScript client cannot be made here."""
    needs = f"The JavaScript client needs Node {'.'.join(map(str, OLDEST_NODE))} or later, and npm"
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        sys.exit(f"{needs}, and {'node' if node is None else 'npm'} is not here.  The Python client is done.")
    version = subprocess.check_output([node, "--version"], text=True).strip()
    if tuple(map(int, re.findall(r"\d+", version)))[:2] < OLDEST_NODE:
        sys.exit(f"{needs}, and this is Node {version}.  The Python client is done.")


def write_javascript(fresh: Path) -> None:
    installed, lock = HERE / "js/node_modules/.package-lock.json", HERE / "js/package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], HERE / "js")
    package = fresh / "js"
    ignored = shutil.ignore_patterns("node_modules", "dist", "generated")
    shutil.copytree(HERE / "js", package, ignore=ignored)
    (package / "node_modules").symlink_to(HERE / "js/node_modules")
    run(["node_modules/.bin/openapi-ts"], package, {**os.environ, "SPECIFICATION": str(SPECIFICATION)})
    run(["node_modules/.bin/tsc"], package)
    # Which of the two kinds of module a file is, the package.json above it says.
    (package / "dist/cjs").mkdir()
    (package / "dist/cjs/package.json").write_text('{ "type": "commonjs" }\n')
    run(
        [
            "node_modules/.bin/tsc",
            "--outDir",
            "dist/cjs",
            "--module",
            "commonjs",
            "--moduleResolution",
            "node10",
        ],
        package,
    )


def settle(fresh: Path, outputs: list[Path], check: bool) -> bool:
    """Puts the fresh outputs into their place; when only checking, names those that differ.

    True when there are any.
    """
    if check:
        stale = [path for output in outputs for path in differing(fresh, output)]
        for path in stale:
            print(f"not what swagger.yml and the sources give: gen/{path}", flush=True)
        return bool(stale)
    for output in outputs:
        remove(HERE / output)
        shutil.move(fresh / output, HERE / output)
    return False


def differing(fresh: Path, output: Path) -> list[Path]:
    made, kept = files(fresh, output), files(HERE, output)
    return sorted(path for path in made.keys() | kept.keys() if made.get(path) != kept.get(path))


def files(root: Path, output: Path) -> dict[Path, bytes]:
    found = (root / output).rglob("*") if (root / output).is_dir() else [root / output]
    return {
        path.relative_to(root): path.read_bytes()
        for path in found
        if path.is_file() and "__pycache__" not in path.parts
    }


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def run(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.exit(main())
