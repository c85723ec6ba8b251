"""`http:invoke` and `apigateway:invoke`: a request to a web address, and what its answer means.

Redirects are not followed.  The answer is read up to what a state may hold.
"""

from __future__ import annotations

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
_AGENT: Final = "Amazon|StepFunctions|HttpInvoke"
_FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a connection adds to every request made through it; `body` to one whose body is an object."""

    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Json] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((*self.headers.items(), *self.query.items(), dumps(dict(self.body))))


@dataclass(frozen=True, slots=True)
class WebRequest:
    """A request, ready to be sent.  `errors` begins the error for an answer that is no success."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    errors: str


@dataclass(frozen=True, slots=True)
class WebResponse:
    """`headers` in the order and the spelling of the answer."""

    status: int
    reason: str
    headers: Sequence[tuple[str, str]]
    body: str


def to_http_request(
    arguments: Mapping[str, Json], authorization: Authorization, region: str = ""
) -> WebRequest:
    """Of the arguments of `http:invoke`.  Raises `ServiceFailed`."""
    url = _text(arguments, "ApiEndpoint")
    query = {**_values(arguments, "QueryParameters"), **{k: [v] for k, v in authorization.query.items()}}
    headers = _headers(arguments) | {name.lower(): value for name, value in authorization.headers.items()}
    headers.setdefault("user-agent", f"{_AGENT}|{region}" if region else _AGENT)
    body = arguments.get("RequestBody")
    if authorization.body and (body is None or isinstance(body, dict)):
        arguments = {**arguments, "RequestBody": {**(body or {}), **authorization.body}}
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


def exchange(request: WebRequest) -> WebResponse:
    """The answer, whatever it is.  It blocks.  Raises `ServiceFailed` where none comes."""
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
    return WebResponse(response.status, response.reason, response.getheaders(), body)


def result_of(request: WebRequest, response: WebResponse) -> dict[str, Json]:
    """The state's result.  Raises `ServiceFailed` for an answer that is no success."""
    if not 200 <= response.status < 300:
        cause = response.body or response.reason
        raise ServiceFailed(Failure(f"{request.errors}{response.status}", cause))
    headers: dict[str, Json] = {}
    for name, value in response.headers:
        values = headers.setdefault(name, [])
        assert isinstance(values, list)
        values.append(value)
    return {
        "Headers": headers,
        "ResponseBody": read_body(response.body),
        "StatusCode": response.status,
        "StatusText": response.reason,
    }


def shown_request(request: WebRequest) -> dict[str, str]:
    """As TestState shows it."""
    shown = {
        "protocol": urlsplit(request.url).scheme,
        "method": request.method,
        "url": request.url,
        "headers": _listed(list(request.headers.items())),
    }
    return shown if request.body is None else {**shown, "body": request.body.decode()}


def shown_response(request: WebRequest, response: WebResponse) -> dict[str, str]:
    return {
        "protocol": urlsplit(request.url).scheme,
        "statusCode": str(response.status),
        "statusMessage": response.reason,
        "headers": _listed(response.headers),
        "body": response.body,
    }


def _listed(headers: Sequence[tuple[str, str]]) -> str:
    return f"[{', '.join(f'{name}: {value}' for name, value in headers)}]"


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
    check_address(url)
    if query:
        url += ("&" if urlsplit(url).query else "?") + urlencode(query, doseq=True)
    body = arguments.get("RequestBody")
    headers.setdefault("user-agent", _AGENT)
    if body is not None:
        headers.setdefault("content-type", "application/json")
    return WebRequest(method, url, headers, _body(body, arguments, headers), errors)


def check_address(url: str) -> None:
    """Raises `ServiceFailed` for what is no http or https address."""
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_address = False
    if not is_address or not url.isascii() or any(character <= " " for character in url):
        raise _unusable(f"The ApiEndpoint '{url}' is not an http or https address.")


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


def read_body(body: str) -> Json:
    """As JSON where it is, otherwise as text."""
    try:
        return loads(body) if body else ""
    except NotJson:
        return body


def _unusable(reason: str) -> ServiceFailed:
    return ServiceFailed(Failure(RUNTIME, reason))
