"""The demonstration: a server, real worker processes, one workflow, its result checked.

    python examples/sales-report/demo.py [--kill] [--aws-local] [--data DIR]

With --kill the server is killed (SIGKILL) while shops are being worked on, and started again.
With --aws-local the server runs as on AWS, with WFM_BACKEND=aws: a second server of ours is its Step
Functions, and moto its DynamoDB and SQS.  `wfm consume` runs beside it, and the workflow a second time,
without anybody asking how it goes.
What it starts, it also ends.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WFM = [sys.executable, "-m", "workflow_manager"]
WORKERS = {
    "list-files": 1,
    "rates": 1,
    "check-rows": 3,
    "set-aside": 1,
    "totals": 3,
    "by-month": 1,
    "by-product": 1,
    "report": 1,
}


class Demo:
    """The processes of one run, all of them ended when the run is over."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.url = ""  # until the server has told it
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.workers_environment = self.environment
        self.logs = data / "logs"
        self.logs.mkdir(parents=True)
        self.server: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []
        self.aws: list[subprocess.Popen[bytes]] = []

    def start_aws(self) -> None:
        """Stand-ins for Step Functions, DynamoDB, EventBridge and SQS, and the tables; the server will use
        them, and `wfm consume`."""
        state = ("--data", str(self.data / "step-functions"))
        self.aws = [
            self._start("step-functions", *WFM, "serve", "--port", "0", *state),
            self._start("moto", sys.executable, *("-m", "moto.server", "-H", "127.0.0.1", "-p", "0")),
        ]
        step_functions = self._address("step-functions", self.aws[0])
        moto = self._address("moto", self.aws[1])
        wait_for(f"{step_functions}/_health", self.aws[0])
        wait_for(f"{moto}/moto-api/", self.aws[1])
        self.workers_environment = {**self.environment, "WFM_SERVER": step_functions}
        chosen = {
            "WFM_BACKEND": "aws",
            "AWS_SFN_REGION": "us-east-1",
            "AWS_SFN_ACCOUNT_ID": "123456789012",
            "AWS_SFN_ROLE_ARN": "arn:aws:iam::123456789012:role/workflow-manager",
            "AWS_ENDPOINT_URL_SFN": step_functions,
            "AWS_ENDPOINT_URL_DYNAMODB": moto,
            "AWS_ENDPOINT_URL_SQS": moto,
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
            "WFM_EVENTS_QUEUE_URL": f"{moto}/123456789012/execution-events",
        }
        print("\n".join(f"$ export {name}={value}" for name, value in chosen.items()))
        self.environment = {**self.environment, **chosen}
        if self.wfm("tables", "create").returncode:
            raise SystemExit(1)
        queue_url = make_queue(chosen)
        self.aws.append(self._start("eventbridge", sys.executable, str(HERE / "eventbridge.py"), queue_url))
        print("\n$ wfm consume &", flush=True)
        self.aws.append(self._start("consume", *WFM, "consume"))

    def start_server(self) -> float:
        """Start it, wait until it answers, and tell how long that took.

        Any port will do for the first time; those who know its address find it there again.
        """
        begun = time.monotonic()
        state = ("--data", str(self.data / "state"))
        port = self.url.rpartition(":")[2] or "0"
        self.server = self._start("server", *WFM, "serve", "--port", port, *state)
        if not self.url:
            self.url = self._address("server", self.server)
            self.environment["WFM_SERVER"] = self.url
        wait_for(f"{self.url}/_health", self.server)
        return time.monotonic() - begun

    def start_workers(self) -> None:
        for activity, at_once in WORKERS.items():
            self.workers.append(
                self._start(
                    f"worker-{activity}",
                    *(*WFM, "worker", "--namespace", "demo", "--activity", activity),
                    *("--concurrency", str(at_once)),
                    *("--", str(HERE / "bin" / activity)),
                    environment=self.workers_environment,
                )
            )

    def wfm(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of the user's, its output shown."""
        print(f"\n$ wfm {' '.join(arguments)}", flush=True)
        return subprocess.run([*WFM, *arguments], env=self.environment, cwd=ROOT, text=True)

    def _start(
        self, log: str, *command: str, environment: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        with (self.logs / f"{log}.log").open("ab") as output:
            return subprocess.Popen(
                command, env=environment or self.environment, cwd=ROOT, stdout=output, stderr=output
            )

    def _address(self, log: str, process: subprocess.Popen[bytes]) -> str:
        """Where the process listens, as it has told its log."""
        path = self.logs / f"{log}.log"
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            if told := re.search(r"(?:listens|Running) on (http://127\.0\.0\.1:\d+)\s", path.read_text()):
                return told[1]
            if process.poll() is not None:
                raise SystemExit(f"a server has ended at its start; see {path}")
            time.sleep(0.05)
        raise SystemExit(f"a server did not tell its address in time; see {path}")

    def stop(self) -> None:
        started = [*self.workers, *([self.server] if self.server else []), *self.aws]
        for process in started:
            if process.poll() is None:
                process.terminate()
        for process in started:
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def make_queue(chosen: Mapping[str, str]) -> str:
    """The queue of those settings; returns its URL."""
    import boto3

    sqs = boto3.client(
        "sqs",
        region_name=chosen["AWS_SFN_REGION"],
        endpoint_url=chosen["AWS_ENDPOINT_URL_SQS"],
        aws_access_key_id=chosen["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=chosen["AWS_SECRET_ACCESS_KEY"],
    )
    url: str = sqs.create_queue(QueueName=chosen["WFM_EVENTS_QUEUE_URL"].rpartition("/")[2])["QueueUrl"]
    return url


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"{url} does not answer: the process has ended; see the logs")
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise SystemExit(f"{url} did not answer in time; see the logs")


def expected() -> tuple[float, int, int]:
    """(total in euros, good orders, bad rows), summed up here without the workflow's programs.

    Every shop keeps its books by the month, to the cent; so a total has no more digits than that.
    """
    with (HERE / "rates.csv").open(newline="") as file:
        rates = {row["currency"]: float(row["per_euro"]) for row in csv.DictReader(file)}
    books: Counter[tuple[str, str]] = Counter()
    good, bad = 0, 0
    for path in sorted((HERE / "orders").glob("*.csv")):
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                try:
                    month = f"{date.fromisoformat(row['day']):%Y-%m}"
                    euros = int(row["quantity"]) * float(row["price"]) / rates[row["currency"]]
                except ValueError:
                    bad += 1
                else:
                    books[path.stem, month] += euros
                    good += 1
    return round(sum(round(euros, 2) for euros in books.values()), 2), good, bad


def submit(demo: Demo, out: Path) -> str:
    """The workflow's id."""
    task_input = json.dumps({"folder": str(HERE / "orders"), "out": str(out), "target": 60000})
    command = ("submit", "sales-report", "--namespace", "demo", "-q", task_input)
    print(f"\n$ wfm {' '.join(command[:-1])} '{task_input}'", flush=True)
    submitted = subprocess.run(
        [*WFM, *command], env=demo.environment, cwd=ROOT, text=True, stdout=subprocess.PIPE
    )
    if submitted.returncode:
        raise SystemExit(submitted.returncode)
    workflow_id = submitted.stdout.strip()
    print(workflow_id)
    return workflow_id


NOBODY_THERE = 5  # an exit code of wfm


def follow(demo: Demo, workflow_id: str, kill: bool) -> int:
    """Show the workflow's jobs until it has ended; kill the server midway if asked."""
    arguments = ("workflows", "--workflow-id", workflow_id, "--follow")
    print(f"\n$ wfm {' '.join(arguments)}", flush=True)
    follower = subprocess.Popen([*WFM, *arguments], env=demo.environment, cwd=ROOT)
    if kill:
        wait_for_job(demo, workflow_id, "CheckRows")
        assert demo.server is not None
        demo.server.send_signal(signal.SIGKILL)
        demo.server.wait()
        print("--- the server was killed (SIGKILL) ---", flush=True)
        print(f"--- and is back after {demo.start_server():.1f} s ---", flush=True)
    code = follower.wait(timeout=180)
    if kill and code == NOBODY_THERE:  # it was so slow to start that the server was gone by then
        code = subprocess.call([*WFM, *arguments], env=demo.environment, cwd=ROOT)
    return code


def wait_for_job(demo: Demo, workflow_id: str, state: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"{demo.url}/workflows/{workflow_id}?fetchHistory=true") as answer:
            if any(job["state"] == state for job in json.load(answer)["jobs"]):
                return
        time.sleep(0.02)
    raise SystemExit(f"{state} was not reached")


def check(demo: Demo, workflow_id: str) -> None:
    """Compare the workflow's output with our own sums, and show the report."""
    with urllib.request.urlopen(f"{demo.url}/workflows/{workflow_id}?fetchHistory=true") as answer:
        workflow = json.load(answer)
    output = json.loads(workflow["output"])
    total, good, bad = expected()
    problems = [
        f"{what} is {got}, expected {wanted}"
        for what, got, wanted in (
            ("the total", output["total"], total),
            ("the number of orders", output["orders"], good),
            ("the number of rows set aside", output["rows_set_aside"], bad),
            ("attempts at ExchangeRates", attempts(workflow, "ExchangeRates"), 2),
        )
        if got != wanted
    ]
    print("\n" + Path(output["report"]).read_text())
    if problems:
        raise SystemExit("The result is WRONG: " + "; ".join(problems))
    jobs = len(workflow["jobs"])
    print(
        f"The result is right: {good} orders in {jobs} jobs, one of them retried, add up to {total:,.2f} EUR."
    )


def hear_of_end(demo: Demo, workflow_id: str) -> None:
    """Wait until the records know of the end.  A listing asks them alone, never Step Functions."""
    print("--- nobody asks about this one: EventBridge tells the queue, `wfm consume` the records ---")
    deadline = time.monotonic() + 120
    listing = f"{demo.url}/workflows?workflowDefinitionName=sales-report&status=succeeded"
    while time.monotonic() < deadline:
        with urllib.request.urlopen(listing) as answer:
            if any(workflow["id"] == workflow_id for workflow in json.load(answer)):
                break
        time.sleep(0.1)
    else:
        raise SystemExit(f"nothing told of the end of {workflow_id}; logs are in {demo.logs}")
    if demo.wfm("workflows", "sales-report", "--status", "succeeded").returncode:
        raise SystemExit(1)
    print("The end was heard of, from Step Functions through the queue.")


def attempts(workflow: dict, state: str) -> int:
    return next(1 + len(job["attempts"]) for job in workflow["jobs"] if job["state"] == state)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kill", action="store_true", help="kill the server midway and start it again")
    parser.add_argument("--aws-local", action="store_true", help="with WFM_BACKEND=aws, AWS played here")
    parser.add_argument("--data", type=Path, default=ROOT / ".demo", help="where everything goes")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    begun = time.monotonic()
    shutil.rmtree(options.data, ignore_errors=True)
    demo = Demo(options.data.resolve())
    out = options.data.resolve() / "out"
    out.mkdir()
    try:
        if options.aws_local:
            demo.start_aws()
        seconds = demo.start_server()
        print(f"The server is ready on {demo.url} after {seconds:.1f} s.")
        demo.start_workers()
        print(f"{len(WORKERS)} worker processes are polling for tasks.")
        if demo.wfm("definitions", "apply", str(HERE / "definition.yml")).returncode:
            raise SystemExit(1)
        workflow_id = submit(demo, out)
        outcome = follow(demo, workflow_id, options.kill)
        if outcome:
            raise SystemExit(f"the workflow did not succeed (exit code {outcome}); logs are in {demo.logs}")
        check(demo, workflow_id)
        if options.aws_local:
            hear_of_end(demo, submit(demo, out))
    finally:
        demo.stop()
    print(f"Done in {time.monotonic() - begun:.1f} s.  Everything it did is in {options.data.name}/.")
    print("Go on: `make serve` in one terminal, and docs/quickstart.md in another.")


if __name__ == "__main__":
    main()
