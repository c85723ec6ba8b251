"""boto3 clients: with the user's own credentials, or those of the role that a state names.

boto3 is loaded when the first service is called, so that whoever calls none does not wait for it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from workflow_manager.integrations.naming import client_names
from workflow_manager.integrations.web import WebRequest

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.session import Session

K = TypeVar("K")
V = TypeVar("V")

FUNCTION_SECONDS: Final = 915  # a function runs for 900 at most
MAX_KEPT: Final = 128  # clients, of a few MB each; roles and regions come from definitions


class Clients(Protocol):
    """Blocking, and safe on many threads."""

    def get(self, name: str, region: str, role: str | None = None) -> BaseClient:
        """A client by boto3's name of the service.  Raises botocore's errors."""
        ...

    def named(self, service: str) -> str | None:
        """boto3's name of what the SDK integrations call `service`; None where there is none."""
        ...

    def signed(self, request: WebRequest, region: str, role: str | None = None) -> WebRequest:
        """The same request, signed for API Gateway.  Raises botocore's errors."""
        ...


class BotoClients:
    """One client for each service, region and role; those used last are kept.

    `endpoint_url` is where services are that no AWS_ENDPOINT_URL_… of the environment places.
    `new_session` makes botocore's sessions, which know the user's credentials.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        endpoint_url: str | None = None,
        new_session: Callable[[], Session] | None = None,
    ) -> None:
        self._environment = environment
        self._endpoint_url = endpoint_url
        self._new_session = new_session or _new_session
        self._lock = threading.Lock()
        self._sessions: OrderedDict[str | None, Session] = OrderedDict()
        self._clients: OrderedDict[tuple[str, str, str | None], BaseClient] = OrderedDict()
        self._names: dict[str, str] = {}

    def get(self, name: str, region: str, role: str | None = None) -> BaseClient:
        key = (name, region, role)
        with self._lock:  # making a client is not safe on many threads
            if key not in self._clients:
                self._clients[key] = self._make(name, region, role)
            return _used(self._clients, key)

    def named(self, service: str) -> str | None:
        from botocore.utils import CLIENT_NAME_TO_HYPHENIZED_SERVICE_ID_OVERRIDES as ALIASES

        with self._lock:
            if not self._names:
                known = self._session(None, "us-east-1").get_available_services()
                self._names = client_names(known, ALIASES)
        return self._names.get(service.lower())

    def signed(self, request: WebRequest, region: str, role: str | None = None) -> WebRequest:
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.exceptions import NoCredentialsError

        with self._lock:
            credentials = self._session(role, region).get_credentials()
        if credentials is None:
            raise NoCredentialsError
        signing = AWSRequest(request.method, request.url, dict(request.headers), request.body)
        SigV4Auth(credentials.get_frozen_credentials(), "execute-api", region).add_auth(signing)
        return replace(request, headers=dict(signing.headers.items()))

    def _make(self, name: str, region: str, role: str | None) -> BaseClient:
        session = self._session(role, region)
        variable = session.get_service_model(name).service_id.upper().replace(" ", "_").replace("-", "_")
        is_placed = f"AWS_ENDPOINT_URL_{variable}" in self._environment  # botocore reads it
        endpoint_url = None if is_placed else self._endpoint_url
        is_aws = not is_placed and endpoint_url is None and "AWS_ENDPOINT_URL" not in self._environment
        client = session.create_client(
            name, region_name=region, endpoint_url=endpoint_url, config=_config(name, is_aws=is_aws)
        )
        client.meta.events.register("after-call", _keep_headers)
        return client

    def _session(self, role: str | None, region: str) -> Session:
        if role not in self._sessions:
            session = self._new_session()
            if role is not None:
                self._assume(session, role, region)
            self._sessions[role] = session
        return _used(self._sessions, role)

    def _assume(self, session: Session, role: str, region: str) -> None:
        from botocore.credentials import (
            DeferredRefreshableCredentials,
            create_assume_role_refresher,
        )

        refresh = create_assume_role_refresher(
            self._make("sts", region, None), {"RoleArn": role, "RoleSessionName": "workflow-manager"}
        )
        session._credentials = DeferredRefreshableCredentials(  # type: ignore[attr-defined]
            refresh_using=refresh, method="sts-assume-role"
        )


def _used(kept: OrderedDict[K, V], key: K) -> V:
    """The value, as the one that was used last; what was not used for long is dropped."""
    kept.move_to_end(key)
    if len(kept) > MAX_KEPT:
        kept.popitem(last=False)
    return kept[key]


def _new_session() -> Session:
    from botocore.session import Session as BotocoreSession

    return BotocoreSession()


def _config(name: str, *, is_aws: bool) -> Any:
    """`is_aws` tells AWS itself from a substitute, which has one host name for everything."""
    from botocore.config import Config

    # A function may have run when no answer came; whether to call it again is up to the state's Retry.
    attempts, seconds = (1, FUNCTION_SECONDS) if name == "lambda" else (3, 60)
    return Config(
        connect_timeout=10,
        inject_host_prefix=is_aws,
        max_pool_connections=64,
        parameter_validation=False,
        read_timeout=seconds,
        # An answer shows a checksum only when the state has asked for one.
        response_checksum_validation="when_required",
        retries={"mode": "standard", "total_max_attempts": attempts},
        s3=None if is_aws else {"addressing_style": "path"},
        user_agent_extra="workflow-manager",
    )


def _keep_headers(http_response: Any, parsed: dict[str, Any], **_: Any) -> None:
    """Integrations show headers as they were spelled; botocore keeps them in small letters."""
    parsed["ResponseMetadata"]["HTTPHeaders"] = dict(http_response.headers.items())
