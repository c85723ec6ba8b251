"""`http:invoke` and `apigateway:invoke`: a request to a web address, and what its answer means.

Redirects are not followed.  The answer is read up to what a state may hold.
"""

from __future__ import annotations

import base64
import http.client
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from workflow_manager.asl.failure import HTTP_SOCKET, RUNTIME, Failure
from workflow_manager.engine.services import ServiceFailed
from workflow_manager.kernel.json import Json, NotJson, dumps, loads

SECONDS: Final = 60.0
MAX_BODY: Final = 2**20  # bytes read; a state holds less

HTTP: Final = ("http", "invoke")
API_GATEWAY: Final = ("apigateway", "invoke")

SIGNED: Final = ("IAM_ROLE", "RESOURCE_POLICY")
"""Values of AuthType that ask for a signature."""

_METHODS: Final = frozenset(("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"))
_FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a connection adds to every request made through it."""

    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WebRequest:
    """A request, ready to be sent.  `errors` begins the error for an answer that is no success."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    errors: str


def to_http_request(arguments: Mapping[str, Json], authorization: Authorization) -> WebRequest:
    """Of the arguments of `http:invoke`.  Raises `ServiceFailed`."""
    url = _text(arguments, "ApiEndpoint")
    query = {**_values(arguments, "QueryParameters"), **{k: [v] for k, v in authorization.query.items()}}
    headers = _headers(arguments) | {name.lower(): value for name, value in authorization.headers.items()}
    return _request(arguments, url, query, headers, "States.Http.StatusCode.")


def to_gateway_request(arguments: Mapping[str, Json]) -> WebRequest:
    """Of the arguments of `apigateway:invoke`; the endpoint is a host.  Raises `ServiceFailed`."""
    if arguments.get("AuthType", "NO_AUTH") not in ("NO_AUTH", *SIGNED):
        raise _unusable(f"The AuthType {dumps(arguments['AuthType'])} is not known.")
    endpoint = _text(arguments, "ApiEndpoint")
    url = endpoint if "://" in endpoint else f"https://{endpoint}"
    for name in ("Stage", "Path"):
        if arguments.get(name) is not None:
            url = f"{url.rstrip('/')}/{quote(_text(arguments, name).lstrip('/'), safe='/%:@!$&,;=+*~')}"
    query = _values(arguments, "QueryParameters")
    return _request(arguments, url, query, _headers(arguments), "ApiGateway.")


def send(request: WebRequest) -> dict[str, Json]:
    """The state's result.  It blocks.  Raises `ServiceFailed`."""
    parts = urlsplit(request.url)
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    connection = _connect(parts.scheme, parts.netloc)
    try:
        connection.request(request.method, target, request.body, dict(request.headers))
        response = connection.getresponse()
        body = response.read(MAX_BODY).decode(errors="replace")
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ServiceFailed(Failure(HTTP_SOCKET, f"{type(error).__name__}: {error}")) from None
    finally:
        connection.close()
    if not 200 <= response.status < 300:
        raise ServiceFailed(Failure(f"{request.errors}{response.status}", body or response.reason))
    headers: dict[str, Json] = {}
    for name, value in response.getheaders():
        values = headers.setdefault(name, [])
        assert isinstance(values, list)
        values.append(value)
    return {
        "Headers": headers,
        "ResponseBody": _read(body),
        "StatusCode": response.status,
        "StatusText": response.reason,
    }


def authorization_of(kind: str, secret: str) -> Authorization:
    """What a connection's secret, the text of a JSON object, says for requests.  Raises `ServiceFailed`."""
    try:
        told = loads(secret)
    except NotJson:
        told = None
    if not isinstance(told, dict):
        raise _unusable("The secret of the connection is not a JSON object.")
    match kind:
        case "API_KEY":
            key = {str(told.get("api_key_name", "")): str(told.get("api_key_value", ""))}
            return _with_parameters(key, told)
        case "BASIC":
            pair = f"{told.get('username', '')}:{told.get('password', '')}".encode()
            return _with_parameters({"Authorization": f"Basic {base64.b64encode(pair).decode()}"}, told)
    raise _unusable(f"Connections with the authorization type {kind} are not supported.")


def _with_parameters(headers: dict[str, str], told: Mapping[str, Json]) -> Authorization:
    more = told.get("invocation_http_parameters")
    parameters = more if isinstance(more, dict) else {}
    return Authorization(
        {**headers, **_pairs(parameters.get("header_parameters"))},
        _pairs(parameters.get("query_string_parameters")),
    )


def _pairs(listed: Json) -> dict[str, str]:
    items = listed if isinstance(listed, list) else []
    return {str(item["key"]): str(item.get("value", "")) for item in items if isinstance(item, dict)}


def _request(
    arguments: Mapping[str, Json],
    url: str,
    query: Mapping[str, Sequence[str]],
    headers: dict[str, str],
    errors: str,
) -> WebRequest:
    method = _text(arguments, "Method")
    if method not in _METHODS:
        raise _unusable(f"The Method '{method}' is none of {', '.join(sorted(_METHODS))}.")
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_address = False
    if not is_address or not url.isascii() or any(character <= " " for character in url):
        raise _unusable(f"The ApiEndpoint '{url}' is not an http or https address.")
    if query:
        url += ("&" if parts.query else "?") + urlencode(query, doseq=True)
    body = arguments.get("RequestBody")
    headers.setdefault("user-agent", "Amazon|StepFunctions|HttpInvoke")
    if body is not None:
        headers.setdefault("content-type", "application/json")
    return WebRequest(method, url, headers, _body(body, arguments, headers), errors)


def _body(body: Json, arguments: Mapping[str, Json], headers: Mapping[str, str]) -> bytes | None:
    if body is None:
        return None
    transform = arguments.get("Transform")
    encoding = transform.get("RequestBodyEncoding") if isinstance(transform, dict) else None
    if encoding == "URL_ENCODED" or (isinstance(body, dict) and headers.get("content-type") == _FORM):
        if not isinstance(body, dict):
            raise _unusable("A RequestBody that is URL_ENCODED must be an object.")
        options = transform.get("RequestEncodingOptions") if isinstance(transform, dict) else None
        layout = options.get("ArrayFormat") if isinstance(options, dict) else None
        return urlencode(_form(body, str(layout or "INDICES"))).encode()
    return (body if isinstance(body, str) else dumps(body)).encode()


def _form(body: Mapping[str, Json], layout: str) -> list[tuple[str, str]]:
    """The fields of a form; `layout` tells how a list becomes fields."""
    fields: list[tuple[str, str]] = []
    for name, value in body.items():
        items = value if isinstance(value, list) else [value]
        shown = [item if isinstance(item, str) else dumps(item) for item in items]
        if not isinstance(value, list) or layout in ("REPEAT", "NONE"):
            fields += [(name, item) for item in shown]
        elif layout == "COMMAS":
            fields.append((name, ",".join(shown)))
        elif layout == "BRACKETS":
            fields += [(f"{name}[]", item) for item in shown]
        else:
            fields += [(f"{name}[{index}]", item) for index, item in enumerate(shown)]
    return fields


def _headers(arguments: Mapping[str, Json]) -> dict[str, str]:
    headers = {name.lower(): ",".join(values) for name, values in _values(arguments, "Headers").items()}
    for name, value in headers.items():
        if not name.isascii() or any(character in "\r\n" for character in f"{name}{value}"):
            raise _unusable(f"The header {dumps(name)} cannot be sent.")
    return headers


def _values(arguments: Mapping[str, Json], name: str) -> dict[str, list[str]]:
    """The texts of a member that holds one or more values by name."""
    given = arguments.get(name)
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise _unusable(f"The field '{name}' must be an object.")
    lists = {key: value if isinstance(value, list) else [value] for key, value in given.items()}
    return {
        key: [item if isinstance(item, str) else dumps(item) for item in items]
        for key, items in lists.items()
    }


def _text(arguments: Mapping[str, Json], name: str) -> str:
    value = arguments.get(name)
    if not isinstance(value, str):
        raise _unusable(f"The field '{name}' must be a STRING")
    return value


def _connect(scheme: str, place: str) -> http.client.HTTPConnection:
    place = place.rpartition("@")[2]
    if scheme == "http":
        return http.client.HTTPConnection(place, timeout=SECONDS)
    return http.client.HTTPSConnection(place, timeout=SECONDS, context=ssl.create_default_context())


def _read(body: str) -> Json:
    try:
        return loads(body) if body else ""
    except NotJson:
        return body


def _unusable(reason: str) -> ServiceFailed:
    return ServiceFailed(Failure(RUNTIME, reason))
