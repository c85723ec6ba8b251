"""`wfm state-resources`: the plain registry of what states may name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from workflow_manager.cli.options import namespace_option, with_output, with_server
from workflow_manager.cli.output import local_time, show, show_deleted

if TYPE_CHECKING:
    from workflow_manager.cli.http import Server


@click.group("state-resources")
def state_resources() -> None:
    """Keep what states may name: names with their addresses.

    A plain registry, for programs that keep one there; running workflows do not look into it.

    \b
    Examples:
      wfm state-resources set echo arn:aws:states:us-east-1:123456789012:activity:dev--echo -n dev
      wfm state-resources show echo -n dev
    """


@state_resources.command("set")
@click.argument("name")
@click.argument("uri")
@namespace_option
@with_output
@with_server
def set_resource(name: str, uri: str, namespace: str, output: str, server: Server) -> None:
    """Store one, in place of one of the same name and namespace."""
    from workflow_manager.cli.http import path

    body = {"name": name, "namespace": namespace, "uri": uri}
    _show(server.send("PUT", path("state-resources", namespace, name), body), output)


@state_resources.command("show")
@click.argument("name")
@namespace_option
@with_output
@with_server
def show_resource(name: str, namespace: str, output: str, server: Server) -> None:
    """Show one."""
    from workflow_manager.cli.http import path

    _show(server.get(path("state-resources", namespace, name), kind="state resource"), output)


@state_resources.command("delete")
@click.argument("name")
@namespace_option
@with_output
@with_server
def delete_resource(name: str, namespace: str, output: str, server: Server) -> None:
    """Forget one."""
    from workflow_manager.cli.http import path

    server.send("DELETE", path("state-resources", namespace, name), kind="state resource")
    show_deleted(output, "name", f"{namespace}--{name}")


def _show(resource: Any, output: str) -> None:
    name = f"{resource.get('namespace', '')}--{resource.get('name', '')}"

    def tell() -> None:
        click.echo(f"{name}  {resource.get('uri', '') or '-'}  {local_time(resource.get('lastUpdated'))}")

    show(output, resource, text=tell, names=[name])
