"""The operations of swagger.yml as one ASGI app."""

from __future__ import annotations

from concurrent.futures import Executor as Threads

from connexion.middleware import ConnexionMiddleware
from starlette.types import ASGIApp

from workflow_manager.api.handlers import HandlerResolver
from workflow_manager.api.operations import Limits, Operations, unknown_path
from workflow_manager.api.routing import Routing
from workflow_manager.api.spec import rest_spec
from workflow_manager.executor.executor import Executor
from workflow_manager.kernel.beside import Beside
from workflow_manager.schedules.service import Schedules
from workflow_manager.webhooks.service import Webhooks


def build_rest(
    executor: Executor,
    threads: Threads,
    limits: Limits | None = None,
    *,
    beside: Beside | None = None,
    schedules: Schedules,
    webhooks: Webhooks,
) -> ASGIApp:
    """Connexion with our stages.  It raises its errors; `Problems` belongs around it.

    Handlers run in `threads`, the quick ones `beside` the event loop where nothing they call blocks it.
    Raises when swagger.yml and the handlers do not fit each other.
    """
    connexion = ConnexionMiddleware(unknown_path, middlewares=[Routing, Operations])
    connexion.add_api(
        rest_spec(),
        resolver=HandlerResolver(executor, schedules, webhooks),
        limits=limits or Limits(),
        threads=threads,
        beside=beside,
    )
    # Connexion would build its stages at the first request; a mistake has to show before that.
    connexion.app, connexion.middleware_stack = connexion._build_middleware_stack()
    app: ASGIApp = connexion
    return app
