"""EventBridge connections: what they add to the requests of HTTP tasks, and the tokens they fetch.

A connection comes from EventBridge and Secrets Manager, or from a YAML file of this machine, in the same
words:

connections:
  billing: {type: BASIC, username: ada, password: $BILLING_PASSWORD}
  search: {type: API_KEY, api_key_name: X-Api-Key, api_key_value: $SEARCH_KEY}
  crm:
    type: OAUTH_CLIENT_CREDENTIALS
    authorization_endpoint: https://login.example.com/token
    client_id: workflows
    client_secret: $CRM_SECRET
    invocation_http_parameters: {header_parameters: {X-Tenant: north}}
"""

from __future__ import annotations

import base64
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any, Final
from urllib.parse import urlencode

from workflow_manager.asl.failure import Failure
from workflow_manager.engine.services import ServiceFailed
from workflow_manager.integrations import web
from workflow_manager.integrations.listed import read_listed
from workflow_manager.integrations.web import Authorization
from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.kernel.json import Json, NotJson, loads

# Errors of HTTP tasks with a connection (Developer Guide, "Call HTTPS APIs").
_ERRORS: Final = "Events.ConnectionResource."
_INVALID: Final = f"{_ERRORS}InvalidConnectionState"
MAX_TOKENS: Final = 256
EARLY_SECONDS: Final = 30.0  # a token is not used for that long before its end
DEFAULT_SECONDS: Final = 3600.0  # of a token that does not tell how long it is good for

_KINDS: Final = {
    "BASIC": "BASIC",
    "APIKEY": "API_KEY",
    "OAUTH": "OAUTH",
    "OAUTHCLIENTCREDENTIALS": "OAUTH",
}


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """How a token is asked for (RFC 6749, 4.4); `more` is what the connection adds to that."""

    endpoint: str
    method: str
    client_id: str
    client_secret: str
    more: Authorization = field(default_factory=Authorization)


@dataclass(frozen=True, slots=True)
class Connection:
    """`token` is there where a request needs one beside the `authorization`."""

    name: str
    authorization: Authorization
    token: TokenRequest | None = None


def make_connection(name: str, kind: str, *told: Mapping[str, Any]) -> Connection:
    """`told` are what is known of it, in any spelling of the names; what comes last counts.

    Raises `ValueError`, with what is missing.
    """
    members: dict[str, Any] = {}
    for source in told:
        members |= _plain(source)
    members |= members.get("clientparameters") or {}
    always = _parameters(members.get("invocationhttpparameters"))
    match _KINDS.get(_key(kind).upper()):
        case "BASIC":
            pair = f"{_text(members, 'username')}:{_text(members, 'password')}".encode()
            headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
            return Connection(name, _with_headers(headers, always))
        case "API_KEY":
            headers = {_text(members, "apikeyname"): _text(members, "apikeyvalue")}
            return Connection(name, _with_headers(headers, always))
        case "OAUTH":
            asking = TokenRequest(
                _text(members, "authorizationendpoint"),
                str(members.get("httpmethod") or "POST").upper(),
                _text(members, "clientid"),
                _text(members, "clientsecret"),
                _parameters(members.get("oauthhttpparameters")),
            )
            return Connection(name, always, asking)
    raise ValueError(f"the authorization type {kind!r} is none of BASIC, API_KEY, OAUTH_CLIENT_CREDENTIALS")


def described_connection(name: str, description: Mapping[str, Json], secret: str) -> Connection:
    """By what EventBridge and Secrets Manager tell of it.  Raises `ServiceFailed`."""
    if (state := description.get("ConnectionState")) not in (None, "AUTHORIZED"):
        kind = "AuthInProgress" if state in ("AUTHORIZING", "CREATING") else "InvalidConnectionState"
        raise ServiceFailed(Failure(f"{_ERRORS}{kind}", f"The connection {name} is {state}."))
    try:
        told = loads(secret)
    except NotJson:
        told = None
    if not isinstance(told, dict):
        raise ServiceFailed(Failure(_INVALID, f"The secret of the connection {name} is not a JSON object."))
    parameters = description.get("AuthParameters")
    known = dict(parameters) if isinstance(parameters, dict) else {}
    for group in ("BasicAuthParameters", "ApiKeyAuthParameters", "OAuthParameters"):
        inner = known.pop(group, None)
        known |= inner if isinstance(inner, dict) else {}
    try:
        return make_connection(name, str(description.get("AuthorizationType")), known, told)
    except ValueError as error:
        raise ServiceFailed(Failure(_INVALID, f"The connection {name} cannot be used: {error}.")) from None


def unreadable(refusal: Failure) -> Failure:
    """What a task hears where EventBridge or Secrets Manager refuse to tell of its connection."""
    refused = (refusal.error or "").rpartition(".")[2]
    if refused == "ResourceNotFoundException":
        return Failure(f"{_ERRORS}ResourceNotFound", refusal.cause)
    if "AccessDenied" in refused or "AccessDenied" in (refusal.cause or ""):
        return Failure(f"{_ERRORS}AccessDenied", refusal.cause)
    return Failure(f"{_ERRORS}InternalError", refusal.cause)


def read_connections(path: Path, environment: Mapping[str, str]) -> dict[str, Connection]:
    """The connections of a YAML file; `$NAME` in a text is a variable.  Raises `InvalidRequest`."""
    return {
        name: _listed(name, value, environment) for name, value in read_listed(path, "connections").items()
    }


def _listed(name: str, value: object, environment: Mapping[str, str]) -> Connection:
    if not isinstance(value, dict):
        raise InvalidRequest(f"connection {name!r}: it must be an object")
    try:
        members = _filled(value, environment)
        return make_connection(name, str(members.pop("type", "")), members)
    except KeyError as error:
        raise InvalidRequest(f"connection {name!r}: the variable {error.args[0]} is not set") from None
    except ValueError as error:
        raise InvalidRequest(f"connection {name!r}: {error}") from None


class Connections:
    """`local` are the connections that need no EventBridge, by name.  Blocking, and safe on many threads."""

    def __init__(
        self, local: Mapping[str, Connection] | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.local = dict(local or {})
        self._now = now
        self._lock = threading.Lock()
        self._tokens: OrderedDict[TokenRequest, tuple[str, float]] = OrderedDict()

    def authorization(self, connection: Connection, refused: Authorization | None = None) -> Authorization:
        """What to add to a request; `refused` is what the last one was answered 401 with.

        Raises `ServiceFailed`.
        """
        asking = connection.token
        if asking is None:
            return connection.authorization
        token = self._kept(asking)
        if token is None or (refused is not None and refused.headers.get("Authorization") == token):
            token = self._fetch(connection.name, asking)
        return _with_headers({"Authorization": token}, connection.authorization)

    def _kept(self, asking: TokenRequest) -> str | None:
        with self._lock:
            token, good_until = self._tokens.get(asking, (None, 0.0))
        return token if self._now() < good_until else None

    def _fetch(self, name: str, asking: TokenRequest) -> str:
        response = web.exchange(_token_request(asking))
        told: Json = None
        if 200 <= response.status < 300:
            told = web.read_body(response.body)
        if not isinstance(told, dict) or not isinstance(told.get("access_token"), str):
            cause = f"The connection {name} got no token: {asking.endpoint} answered {response.status}"
            raise ServiceFailed(Failure(_INVALID, f"{cause} {response.reason}.".replace(" .", ".")))
        seconds = told.get("expires_in")
        good_for = float(seconds) if isinstance(seconds, int | float | str) and _is_number(seconds) else None
        token = f"{str(told.get('token_type') or 'Bearer').capitalize()} {told['access_token']}"
        with self._lock:
            self._tokens[asking] = (token, self._now() + (good_for or DEFAULT_SECONDS) - EARLY_SECONDS)
            self._tokens.move_to_end(asking)
            if len(self._tokens) > MAX_TOKENS:
                self._tokens.popitem(last=False)
        return token


def _token_request(asking: TokenRequest) -> web.WebRequest:
    fields: dict[str, Json] = {
        "grant_type": "client_credentials",
        "client_id": asking.client_id,
        "client_secret": asking.client_secret,
        **asking.more.body,
    }
    query: dict[str, Json] = {**asking.more.query}
    body = urlencode(fields).encode()
    if asking.method == "GET":
        query, body = {**fields, **query}, b""
    between = "&" if "?" in asking.endpoint else "?"
    url = f"{asking.endpoint}{between}{urlencode(query)}" if query else asking.endpoint
    headers = {"accept": "application/json", **asking.more.headers}
    if body:
        headers.setdefault("content-type", "application/x-www-form-urlencoded")
    web.check_address(url)
    return web.WebRequest(asking.method, url, headers, body or None, "")


def _with_headers(headers: Mapping[str, str], authorization: Authorization) -> Authorization:
    return Authorization({**authorization.headers, **headers}, authorization.query, authorization.body)


def _parameters(told: Any) -> Authorization:
    members = told if isinstance(told, dict) else {}
    return Authorization(
        {name: str(value) for name, value in _pairs(members.get("headerparameters")).items()},
        {name: str(value) for name, value in _pairs(members.get("querystringparameters")).items()},
        _pairs(members.get("bodyparameters")),
    )


def _pairs(told: Any) -> dict[str, Any]:
    """Of an object, or of a list of objects with `key` and `value` as AWS has it."""
    if isinstance(told, list):
        return {str(each["key"]): each.get("value", "") for each in told if isinstance(each, dict)}
    return dict(told) if isinstance(told, dict) else {}


# The names of these come from the user, and stay as they are.
_OPEN: Final = frozenset(("headerparameters", "querystringparameters", "bodyparameters"))


def _plain(told: Mapping[str, Any]) -> dict[str, Any]:
    """Members by names without case and underscores: AWS spells them in two ways."""
    plain: dict[str, Any] = {}
    for name, value in told.items():
        key = _key(str(name))
        if isinstance(value, dict) and key not in _OPEN:
            value = _plain(value)
        elif isinstance(value, list):
            value = [_plain(each) if isinstance(each, dict) else each for each in value]
        plain[key] = value
    return plain


def _key(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    if value is None or isinstance(value, dict | list):
        raise ValueError(f"'{name}' is missing")
    return str(value)


def _filled(value: Any, environment: Mapping[str, str]) -> Any:
    """Raises `KeyError` for a variable that is not set, `ValueError` for a lone `$`."""
    if isinstance(value, dict):
        return {str(name): _filled(member, environment) for name, member in value.items()}
    if isinstance(value, list):
        return [_filled(member, environment) for member in value]
    return Template(value).substitute(environment) if isinstance(value, str) else value


def _is_number(seconds: float | str) -> bool:
    try:
        return float(seconds) > 0
    except ValueError:
        return False
