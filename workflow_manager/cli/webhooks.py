"""`wfm webhooks`: who is told how workflows ended, and what was delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from workflow_manager.cli import completion
from workflow_manager.cli.options import parse_tags, with_output, with_server
from workflow_manager.cli.output import (
    clip,
    coloured,
    local_time,
    show,
    show_deleted,
    show_rows,
    show_table,
)

if TYPE_CHECKING:
    from workflow_manager.cli.http import Server

ENDS: Final = ("succeeded", "failed", "cancelled")
STATUSES: Final = ("pending", "delivered", "dead")


@click.group()
def webhooks() -> None:
    """Who is told, over HTTP and signed, how workflows ended.

    \b
    Examples:
      wfm webhooks create https://example.com/workflows --status failed
      wfm webhooks deliveries ID --status dead
      wfm webhooks redeliver ID DELIVERY
    """


@webhooks.command("list")
@with_output
@with_server
def list_webhooks(output: str, server: Server) -> None:
    """Every webhook, and how it is doing."""
    found = server.get("/webhooks")
    show_rows(
        output,
        found,
        ("ID", "URL", "ENDS", "STATE"),
        [(each["id"], each["url"], _wanted(each), _state(each)) for each in found],
        names=[each["id"] for each in found],
        none="There are no webhooks yet. Make one with `wfm webhooks create URL`.",
    )


def _wanted(webhook: Any) -> str:
    words = [" ".join(webhook.get("statuses") or ["all"])]
    if webhook.get("workflowDefinitionName"):
        words.append(f"of {webhook['workflowDefinitionName']}")
    if webhook.get("namespace"):
        words.append(f"in {webhook['namespace']}")
    words += [f"{key}={value}" for key, value in sorted((webhook.get("tags") or {}).items())]
    return " ".join(words)


def _state(webhook: Any) -> str:
    if webhook.get("disabled"):
        return "disabled"
    since = local_time(webhook.get("failingSince"))
    return "active" if since == "-" else f"failing since {since}"


@webhooks.command("show")
@click.argument("webhook_id", metavar="ID", shell_complete=completion.webhooks)
@with_output
@with_server
def show_webhook(webhook_id: str, output: str, server: Server) -> None:
    """One webhook, and why it is disabled if it is. Its secret is not shown."""
    from workflow_manager.cli.http import path

    found = server.get(path("webhooks", webhook_id), kind="webhook")
    show(output, found, text=lambda: _tell(found), names=[found["id"]])


def _tell(webhook: Any) -> None:
    rows = [
        ("id", webhook["id"]),
        ("url", webhook["url"]),
        ("description", webhook.get("description", "")),
        ("ends", _wanted(webhook)),
        ("state", _state(webhook)),
        ("reason", webhook.get("disabledReason", "")),
        ("created", local_time(webhook.get("createdAt"))),
        ("changed", local_time(webhook.get("updatedAt"))),
    ]
    show_table(("FIELD", "VALUE"), [row for row in rows if row[1]])


def _with_filter(command: Any) -> Any:
    for option in reversed(
        (
            click.option("--status", "statuses", type=click.Choice(ENDS), multiple=True, help="Only those."),
            click.option("--definition", metavar="NAME", help="Only its workflows."),
            click.option("--namespace", "-n", metavar="NS", help="Only those in it."),
            click.option("--tag", "tags", metavar="K=V", multiple=True, help="Only those with all of them."),
            click.option("--description", metavar="TEXT", help="For people."),
            click.option(
                "--secret-file",
                type=click.File(),
                metavar="FILE",
                help="Holds a secret of yours, whsec_ and base64; - is stdin.",
            ),
        )
    ):
        command = option(command)
    return command


def _body(url: str, given: dict[str, Any]) -> dict[str, Any]:
    file = given["secret_file"]
    return {
        "url": url,
        "statuses": list(given["statuses"]),
        "workflowDefinitionName": given["definition"],
        "namespace": given["namespace"],
        "tags": parse_tags(given["tags"]),
        "description": given["description"],
        "secret": file.read().strip() if file else None,
    }


@webhooks.command()
@click.argument("url")
@_with_filter
@with_output
@with_server
def create(url: str, output: str, server: Server, **given: Any) -> None:
    """Make a webhook. Its secret is printed now, and never again.

    \b
    Examples:
      wfm webhooks create https://example.com/workflows
      wfm webhooks create https://example.com/failures --status failed -n production --tag team=infra
    """
    made = server.send("POST", "/webhooks", _body(url, given))
    show(output, made, text=lambda: _tell_created(made), names=[made["id"]])


def _tell_created(webhook: Any) -> None:
    click.echo(f"{webhook['id']}  {coloured('created')}")
    click.echo(f"secret: {webhook['secret']}")
    click.echo("Keep the secret: it is not shown again.", err=True)


@webhooks.command()
@click.argument("webhook_id", metavar="ID", shell_complete=completion.webhooks)
@click.argument("url")
@_with_filter
@with_output
@with_server
def update(webhook_id: str, url: str, output: str, server: Server, **given: Any) -> None:
    """Change a webhook.

    It gets another address and other wishes, all of them; its secret stays unless given.
    """
    from workflow_manager.cli.http import path

    changed = server.send("PUT", path("webhooks", webhook_id), _body(url, given), kind="webhook")
    show(output, changed, text=lambda: _told("updated", changed), names=[changed["id"]])


@webhooks.command()
@click.argument("webhook_id", metavar="ID", shell_complete=completion.webhooks)
@with_output
@with_server
def delete(webhook_id: str, output: str, server: Server) -> None:
    """Delete it; what was still to be delivered is not."""
    from workflow_manager.cli.http import path

    server.send("DELETE", path("webhooks", webhook_id), kind="webhook")
    show_deleted(output, "id", webhook_id)


@webhooks.command()
@click.argument("webhook_id", metavar="ID", shell_complete=completion.webhooks)
@with_output
@with_server
def enable(webhook_id: str, output: str, server: Server) -> None:
    """Use it again; what was waiting is delivered."""
    _post(server, output, webhook_id, "enable", "enabled", None)


@webhooks.command()
@click.argument("webhook_id", metavar="ID", shell_complete=completion.webhooks)
@click.option("--reason", metavar="TEXT", default="", help="Shown with the webhook.")
@with_output
@with_server
def disable(webhook_id: str, reason: str, output: str, server: Server) -> None:
    """Send nothing until it is enabled.

    Ends that come meanwhile are not told."""
    _post(server, output, webhook_id, "disable", "disabled", {"reason": reason})


def _post(server: Server, output: str, webhook_id: str, verb: str, word: str, body: Any) -> None:
    from workflow_manager.cli.http import path

    stored = server.send("POST", path("webhooks", webhook_id, verb), body, kind="webhook")
    show(output, stored, text=lambda: _told(word, stored), names=[stored["id"]])


def _told(word: str, webhook: Any) -> None:
    click.echo(f"{webhook['id']}  {coloured(word)}")


@webhooks.command()
@click.argument("webhook_id", metavar="ID", shell_complete=completion.webhooks)
@click.option("--status", type=click.Choice(STATUSES), help="Only those.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many at most.")
@with_output
@with_server
def deliveries(webhook_id: str, status: str | None, limit: int, output: str, server: Server) -> None:
    """Show what was delivered, what waits, what is dead.

    Dead is what was given up; the latest come first."""
    found = _deliveries(server, webhook_id, status, limit)
    rows = [
        (
            each["id"],
            each["type"],
            each["workflowID"],
            each["status"],
            str(each.get("attempts", 0)),
            local_time(each.get("lastAttemptAt")),
            each.get("lastError", ""),
        )
        for each in found
    ]
    headings = ("DELIVERY", "TYPE", "WORKFLOW", "STATUS", "ATTEMPTS", "LAST ATTEMPT", "ERROR")
    show_rows(output, found, headings, clip(rows), names=[each["id"] for each in found])


def _deliveries(server: Server, webhook_id: str, status: str | None, limit: int) -> list[Any]:
    from workflow_manager.cli.http import path

    where = path("webhooks", webhook_id, "deliveries")
    found: list[Any] = []
    for page, _ in server.pages(where, {"status": status, "limit": min(limit, 100)}, kind="webhook"):
        found += page
        if len(found) >= limit:
            break
    return found[:limit]


@webhooks.command()
@click.argument("webhook_id", metavar="ID", shell_complete=completion.webhooks)
@click.argument("delivery_ids", metavar="DELIVERY…", nargs=-1, required=True)
@with_output
@with_server
def redeliver(webhook_id: str, delivery_ids: tuple[str, ...], output: str, server: Server) -> None:
    """Deliver once more, with the same webhook-id.

    \b
    All that were given up:
      wfm webhooks redeliver ID $(wfm webhooks deliveries ID --status dead -q)
    """
    from workflow_manager.cli.http import path

    done = [
        server.send("POST", path("webhooks", webhook_id, "deliveries", each, "redeliver"), kind="delivery")
        for each in delivery_ids
    ]
    show(
        output,
        done,
        text=lambda: click.echo("\n".join(f"{each['id']}  {each['status']}" for each in done)),
        names=[each["id"] for each in done],
    )
