"""`wfm submit`, `workflows`, `cancel`, `resume` and `resolve`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from workflow_manager.cli import bulk, completion
from workflow_manager.cli.bulk import STATUSES
from workflow_manager.cli.letters import plain_lines
from workflow_manager.cli.listing import list_them
from workflow_manager.cli.options import (
    Moment,
    namespace_option,
    parse_reference,
    parse_tags,
    read_input,
    with_output,
    with_server,
)
from workflow_manager.cli.output import (
    coloured,
    definition_reference,
    is_over,
    local_time,
    parse_time,
    show,
    show_json,
    shows_trees,
    span,
)

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from workflow_manager.cli.follow import Voice
    from workflow_manager.cli.http import Server

_follow_option = click.option("--follow", is_flag=True, help="Show the jobs until it is over.")


@click.command()
@click.argument("reference", metavar="NAME[@VERSION]", shell_complete=completion.definitions)
@click.argument("input", required=False, metavar="[INPUT|-|@FILE]")
@namespace_option
@click.option("--queue", metavar="NAME", help="Kept with the workflow.")
@click.option("--tag", "tags", metavar="K=V", multiple=True, help="May be given several times.")
@click.option("--idempotency-key", metavar="KEY", help="The same again with this key starts nothing new.")
@_follow_option
@with_output
@with_server
def submit(
    reference: str,
    input: str | None,
    namespace: str,
    queue: str | None,
    tags: tuple[str, ...],
    idempotency_key: str | None,
    follow: bool,
    output: str,
    server: Server,
) -> int:
    """Start a workflow.

    It runs the latest version of the definition, unless one is given. INPUT is a JSON object, `-` for
    stdin, or `@` and the name of a file. With --follow, the exit code is the workflow's: 0 succeeded,
    1 failed, 3 cancelled.

    \b
    Examples:
      wfm submit hello '{"name": "Ada"}' --namespace dev --follow
      wfm submit hello@3 @input.json --tag team=infra
      id=$(wfm submit hello -q --idempotency-key nightly-2026-01-31)
    """
    _check_follow(follow, output)
    name, version = parse_reference(reference)
    body = {
        "workflowDefinition": {"name": name, "version": version},
        "input": read_input(input),
        "namespace": namespace,
        "queue": queue or "",
        "tags": parse_tags(tags),
    }
    headers = {} if idempotency_key is None else {"Idempotency-Key": _header_text(idempotency_key)}
    workflow = server.send("POST", "/workflows", body, kind="definition", headers=headers)
    return _started(server, workflow, follow, output)


def _header_text(key: str) -> str:
    if not key.isascii() or not key.isprintable():
        raise click.BadParameter("only printable ASCII fits into a header", param_hint="--idempotency-key")
    return key


def _check_follow(follow: bool, output: str) -> None:
    if follow and output == "yaml":
        raise click.UsageError("what is followed is told in lines: --output table, json or name")


def _started(server: Server, workflow: Any, follow: bool, output: str) -> int:
    if follow and output == "json":
        return _follow(server, workflow["id"], output, is_known=True)
    show(output, workflow, text=lambda: _tell_started(workflow), names=[workflow["id"]])
    return _follow(server, workflow["id"], output, is_known=True) if follow else 0


def _tell_started(workflow: Any) -> None:
    status = coloured(workflow["status"])
    click.echo(f"{workflow['id']}  {definition_reference(workflow)}  {status}")


class ListsByDefault(click.Group):
    """What is not one of its commands is for `list`; so `wfm workflows hello` lists hello's."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # A shell that completes the word after it may be after a command.
        is_open = not args and ctx.resilient_parsing
        if not is_open and (
            not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names)
        ):
            args = ["list", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        listing = self.commands["list"]
        with listing.make_context("list", [], parent=ctx, resilient_parsing=True) as inner:
            if incomplete.startswith("-"):
                return listing.shell_complete(inner, incomplete)
            names = completion.definitions(inner, listing.params[0], incomplete)
        return super().shell_complete(ctx, incomplete) + names


@click.group(cls=ListsByDefault)
def workflows() -> None:
    """List workflows, show one, or act on many.

    \b
    Examples:
      wfm workflows                                   the newest ones
      wfm workflows hello --status failed             those of a definition
      wfm workflows show ID                           one of them
      wfm workflows --workflow-id ID --follow         the same, until it is over
      wfm workflows cancel --where definition=hello --reason "wrong input"

    Without one of its commands it is `wfm workflows list`.
    """


for _command in (bulk.cancel, bulk.refresh, bulk.resume, bulk.resolve):
    workflows.add_command(_command)


@workflows.command("list")
@click.argument("definition", required=False, shell_complete=completion.definitions)
@click.option("--workflow-id", metavar="ID", shell_complete=completion.workflows, help="Show this one.")
@click.option("--follow", is_flag=True, help="Show its jobs until it is over.")
@click.option("--full", is_flag=True, help="All of it as JSON, jobs included.")
@click.option("--status", type=click.Choice(STATUSES), help="Only those.")
@click.option("--resolved/--unresolved", default=None, help="Only those somebody, or nobody, has dealt with.")
@click.option("--namespace", "-n", metavar="NS", help="Only those.")
@click.option("--tag", "tags", metavar="K=V", multiple=True, help="Only those; may be given several times.")
@click.option(
    "--created-after", type=Moment(), metavar="TIME", help="Such as 2026-01-31 or 2026-01-31T12:00:00Z."
)
@click.option("--created-before", type=Moment(), metavar="TIME", help="The same, on the other side.")
@click.option("--oldest-first", is_flag=True, help="Instead of newest first.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many at most.")
@click.option("--page-token", metavar="TOKEN", help="Go on where a list ended.")
@with_output
@with_server
def list_workflows(
    definition: str | None,
    workflow_id: str | None,
    follow: bool,
    full: bool,
    output: str,
    server: Server,
    **filters: Any,
) -> int:
    """Show one workflow, or list them.

    Those of a definition, or of all definitions if none is given.

    \b
    Examples:
      wfm workflows hello --status failed --unresolved
      wfm workflows hello --tag team=infra --created-after 2026-01-31T12:00:00Z
      wfm workflows --workflow-id ID --full

    With --follow, the exit code is the workflow's: 0 succeeded, 1 failed, 3 cancelled.
    """
    _check_follow(follow, output)
    if workflow_id is None:
        if follow or full:
            raise click.UsageError("--follow and --full need --workflow-id")
        list_them(server, definition, filters, output)
        return 0
    if definition is not None:
        raise click.UsageError("give a definition or --workflow-id, not both")
    return _show_one(server, workflow_id, follow, full, output)


@workflows.command("show")
@click.argument("workflow_id", metavar="ID", shell_complete=completion.workflows)
@click.option("--follow", is_flag=True, help="Show its jobs until it is over.")
@click.option("--full", is_flag=True, help="All of it as JSON, jobs included.")
@with_output
@with_server
def show_workflow(workflow_id: str, follow: bool, full: bool, output: str, server: Server) -> int:
    """Show one workflow.

    It is the same as `wfm workflows --workflow-id ID`. With --follow, the exit code is the workflow's: 0
    succeeded, 1 failed, 3 cancelled.

    \b
    Examples:
      wfm workflows show ID
      wfm workflows show ID --follow
      wfm workflows show ID --full
    """
    _check_follow(follow, output)
    return _show_one(server, workflow_id, follow, full, output)


def _show_one(server: Server, workflow_id: str, follow: bool, full: bool, output: str) -> int:
    if follow:
        return _follow(server, workflow_id, output)
    workflow = _get(server, workflow_id, fetch_history=full)
    if full and output == "table":
        show_json(workflow)
    else:
        show(output, workflow, text=lambda: _show(workflow), names=[workflow["id"]])
    return 0


def _get(server: Server, workflow_id: str, *, fetch_history: bool = False) -> Any:
    from workflow_manager.cli.http import path

    return server.get(path("workflows", workflow_id), {"fetchHistory": fetch_history}, kind="workflow")


def _follow(server: Server, workflow_id: str, output: str, *, is_known: bool = False) -> int:
    from workflow_manager.cli.follow import Follower

    read = partial(_get, server, workflow_id, fetch_history=True)
    read_cause = partial(_cause, server, workflow_id)
    try:
        return Follower(read, _voice(output), is_known=is_known, read_cause=read_cause).follow()
    except KeyboardInterrupt:
        click.echo(
            f"\nThe workflow goes on. Look again with: wfm workflows --workflow-id {workflow_id} --follow\n"
            f"End it with: wfm cancel {workflow_id}",
            err=True,
        )
        raise


def _voice(output: str) -> Voice:
    from workflow_manager.cli.voices import JsonVoice, TextVoice

    if output == "json":
        return JsonVoice()
    if not shows_trees():
        return TextVoice()
    from workflow_manager.cli.tree import TreeVoice

    return TreeVoice()


def _cause(server: Server, workflow_id: str) -> str:
    """Why it failed, in full; "" where the server cannot tell: jobs keep only the last lines."""
    from workflow_manager.cli.http import path
    from workflow_manager.kernel.errors import WorkflowManagerError

    try:
        newest = server.get(path("workflows", workflow_id, "history"), {"newestFirst": True, "limit": 1})
    except WorkflowManagerError:
        return ""  # what the workflow itself says has to do
    details = (newest[0].get("executionFailedEventDetails") or {}) if newest else {}
    return "\n".join(each for each in (details.get("cause"), details.get("error")) if each)


def _show(workflow: Any) -> None:
    rows = [
        ("id", workflow.get("id")),
        ("definition", definition_reference(workflow)),
        ("namespace", workflow.get("namespace")),
        ("status", workflow.get("status", "") + (", resolved" if workflow.get("resolvedByUser") else "")),
        ("reason", workflow.get("statusReason")),
        ("failed at", (workflow.get("lastJob") or {}).get("state")),
        ("because", (workflow.get("lastJob") or {}).get("statusReason")),
        ("created", local_time(workflow.get("createdAt"))),
        ("updated", local_time(workflow.get("lastUpdated"))),
        ("stopped", local_time(workflow.get("stoppedAt"))),
        ("took", span(parse_time(workflow.get("createdAt")), parse_time(workflow.get("stoppedAt")))),
        ("tags", " ".join(f"{key}={value}" for key, value in sorted((workflow.get("tags") or {}).items()))),
        ("input", workflow.get("input")),
        ("output", workflow.get("output")),
        ("retry of", workflow.get("retryFor")),
        ("retried as", ", ".join(workflow.get("retries") or [])),
    ]
    for label, value in rows:
        if value:
            # The lines after the first stand under it.
            lines = f"\n{' ' * 12}".join(plain_lines(str(value).strip()))
            word, comma, rest = lines.partition(",") if label == "status" else ("", "", lines)
            click.echo(f"{label.ljust(11)} {coloured(word)}{comma}{rest}")


@click.command()
@click.argument("workflow_id", metavar="ID", shell_complete=completion.workflows)
@click.option("--reason", default="", help="Shown with the workflow.")
@with_output
@with_server
def cancel(workflow_id: str, reason: str, output: str, server: Server) -> None:
    """End a workflow that is queued or running.

    \b
    Example:
      wfm cancel ID --reason "wrong input"
    """
    from workflow_manager.cli.http import path

    server.send("DELETE", path("workflows", workflow_id), {"reason": reason}, kind="workflow")
    _tell_done(server, workflow_id, "cancelled", output)


@click.command()
@click.argument("workflow_id", metavar="ID", shell_complete=completion.workflows)
@click.option("--start-at", metavar="STATE", help="Where to go on; the state that failed, if not given.")
@_follow_option
@with_output
@with_server
def resume(workflow_id: str, start_at: str | None, follow: bool, output: str, server: Server) -> int:
    """Go on where a workflow ended, as a new workflow.

    The state gets the input that it had. With --follow, the exit code is the new workflow's.

    \b
    Examples:
      wfm resume ID --follow
      wfm resume ID --start-at Check
    """
    from workflow_manager.cli.http import path

    _check_follow(follow, output)
    if start_at is None:
        from workflow_manager.cli.jobs import failed_state

        before = _get(server, workflow_id, fetch_history=True)
        start_at = failed_state(before)
        if not start_at:
            over = "no job of it failed" if is_over(before) else f"it is {before.get('status')}"
            raise click.UsageError(f"{over}: say where to go on, with --start-at STATE")
    body = {"StartAt": start_at}
    workflow = server.send("POST", path("workflows", workflow_id), body, kind="workflow")
    return _started(server, workflow, follow, output)


@click.command()
@click.argument("workflow_id", metavar="ID", shell_complete=completion.workflows)
@with_output
@with_server
def resolve(workflow_id: str, output: str, server: Server) -> None:
    """Note that somebody has dealt with a workflow.

    Then `wfm workflows --unresolved` does not list it any more. Exit code 4 if it was noted before.

    \b
    Example:
      wfm resolve ID
    """
    from workflow_manager.cli.http import path

    server.send("POST", path("workflows", workflow_id, "resolved"), kind="workflow")
    _tell_done(server, workflow_id, "resolved", output)


def _tell_done(server: Server, workflow_id: str, what: str, output: str) -> None:
    """For programs, the workflow as it is now."""
    now = _get(server, workflow_id) if output in ("json", "yaml") else None
    show(output, now, text=lambda: click.echo(f"{workflow_id}  {coloured(what)}"), names=[workflow_id])
