"""A small REST client: one kept-alive connection, JSON both ways, errors of our own tree.

Decides what a user is told when nobody answers, or somebody else does.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, NamedTuple, TypeAlias, cast
from urllib.parse import quote, urlencode, urlsplit

from workflow_manager.kernel.errors import Conflict, InvalidRequest, NotFound, Throttled, Unavailable
from workflow_manager.kernel.json import Json, NotJson, dumps, loads

# Longer than the server takes to give up on a request that reads a long history.
_TIMEOUT_SECONDS: Final = 120.0

_PART: Final = re.compile(r"^([\w.\[\]-]+) in (?:body|query|header|path)\b")

Query: TypeAlias = "Mapping[str, str | int | bool | Sequence[str] | None]"


class NoAnswer(Unavailable):
    """There was none, or not all of one."""


class ServerEvent(NamedTuple):
    id: str
    name: str
    data: Any


def path(*segments: str) -> str:
    """The path of these segments, each one escaped, `/` too."""
    if "" in segments:
        raise InvalidRequest("an empty text is nobody's name or id")
    return "".join("/" + quote(segment, safe="") for segment in segments)


class Server:
    """Where the REST API is.  Connects at the first request.

    Raises `Unavailable` when there is no answer, and for each status of 400 and above the error it
    stands for, with the server's own message.
    """

    def __init__(self, url: str, api_key: str | None = None, *, timeout: float = _TIMEOUT_SECONDS) -> None:
        self.url = (url if "://" in url else f"http://{url}").rstrip("/")
        try:
            parts = urlsplit(self.url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise InvalidRequest(f"{url} is not an address of a server: {error}") from error
        if parts.scheme not in ("http", "https") or not host:
            raise InvalidRequest(f"{url} is not an address of a server: it should look like http://host:8080")
        self._base = parts.path.rstrip("/")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(host, port, timeout=timeout)
        self._api_key = api_key
        self._headers = {"Accept": "application/json"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.close()

    def another(self) -> Server:
        """A second connection to the same server, for another thread."""
        return Server(self.url, self._api_key)

    def get(self, where: str, query: Query | None = None, *, kind: str = "page") -> Any:
        """What is there.  `kind` says what is missing when nothing is."""
        return self._request("GET", _with_query(where, query), None, kind)[0]

    def pages(self, where: str, query: Query, *, kind: str = "page") -> Iterator[tuple[Any, str | None]]:
        """Page after page, each with the path of the next one."""
        following: str | None = _with_query(where, query)
        while following is not None:
            body, headers = self._request("GET", following, None, kind)
            following = headers.get("X-Next-Page-Path")
            yield body, following

    def text(self, where: str) -> str:
        """What is there, where it is not JSON."""
        try:
            answer, text = self._exchange("GET", self._base + where, None, {})
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise self._no_answer(error) from error
        if answer.status >= 400:
            raise self._error(answer, text, "page")
        return text.decode(errors="replace")

    def events(
        self, where: str, query: Query | None = None, *, after: str | None = None, kind: str = "page"
    ) -> Iterator[ServerEvent]:
        """Server-sent events as they come, until the server ends the stream.  Connects at once."""
        headers = {**self._headers, "Accept": "text/event-stream"}
        if after is not None:
            headers["Last-Event-ID"] = after
        try:
            self._connection.request("GET", self._base + _with_query(where, query), None, headers)
            answer = self._connection.getresponse()
            if answer.status >= 400:
                raise self._error(answer, answer.read(), kind)
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise self._no_answer(error) from error
        if not (answer.headers.get("Content-Type") or "").startswith("text/event-stream"):
            raise self._stranger("no events")
        return self._events(answer)

    def _events(self, answer: http.client.HTTPResponse) -> Iterator[ServerEvent]:
        try:
            yield from _events(answer)
        except (OSError, http.client.HTTPException) as error:
            raise self._no_answer(error) from error
        finally:
            self._connection.close()

    def send(
        self,
        method: str,
        where: str,
        body: object = None,
        *,
        kind: str = "page",
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """The answer to a POST, PUT or DELETE."""
        text = b"" if body is None else dumps(cast(Json, body)).encode()
        return self._request(method, where, text, kind, headers)[0]

    def _request(
        self,
        method: str,
        where: str,
        body: bytes | None,
        kind: str,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[Any, http.client.HTTPMessage]:
        try:
            answer, text = self._exchange(method, self._base + where, body, headers or {})
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise self._no_answer(error) from error
        if answer.status >= 400:
            raise self._error(answer, text, kind)
        try:
            return (loads(text) if text.strip() else None), answer.headers
        except NotJson as error:
            raise self._stranger("no JSON") from error

    def _exchange(
        self, method: str, where: str, body: bytes | None, more: Mapping[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        headers = {**self._headers, **more}
        if body is not None:
            headers["Content-Type"] = "application/json"
        was_open = self._connection.sock is not None
        while True:
            try:
                self._connection.request(method, where, body, headers)
                answer = self._connection.getresponse()
                return answer, answer.read()
            except (http.client.HTTPException, ConnectionError):
                self._connection.close()
                # A connection that was kept may have been closed meanwhile.  Only reading is repeated:
                # of anything else nobody knows whether it was done.
                if not was_open or method != "GET":
                    raise
                was_open = False

    def _error(self, answer: http.client.HTTPResponse, text: bytes, kind: str) -> Exception:
        message = _message(text)
        if not message and answer.status in (400, 403, 404, 405, 501):
            return self._stranger(f"{answer.status} {answer.reason}")
        return _error(answer.status, message or f"{answer.status} {answer.reason}", kind)

    def _stranger(self, seen: str) -> Unavailable:
        return Unavailable(
            f"{self.url} answers, but not as a workflow-manager does ({seen}).\n"
            "Something else may listen there: name the right address with --server or $WFM_SERVER."
        )

    def _no_answer(self, error: Exception) -> Unavailable:
        if isinstance(error, http.client.BadStatusLine) and not isinstance(error, ConnectionError):
            return self._stranger("no HTTP")
        return NoAnswer(self._why_none(error))

    def _why_none(self, error: Exception) -> str:
        if isinstance(error, ConnectionRefusedError):
            return (
                f"nobody listens at {self.url}.\n"
                "Start a server there with `wfm serve`, or name another one with --server or $WFM_SERVER."
            )
        if isinstance(error, socket.gaierror):
            return f"{self.url} has a host name that nobody knows. Check --server or $WFM_SERVER."
        if isinstance(error, TimeoutError):
            return f"{self.url} did not answer in time. The same command may work later."
        if isinstance(error, ssl.SSLError):
            return f"no secure connection to {self.url}: {error.reason or error}"
        reason = str(error) or type(error).__name__
        return f"the connection to {self.url} broke ({reason}). The same command may work later."


def _events(lines: Iterable[bytes]) -> Iterator[ServerEvent]:
    """Fields until an empty line, which ends an event; a comment is only a sign of life."""
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.decode(errors="replace").rstrip("\r\n").partition(":")
        if name:
            fields[name] = value.removeprefix(" ")
        elif "data" in fields:
            yield ServerEvent(fields.get("id", ""), fields.get("event", "message"), loads(fields["data"]))
            fields = {}
        elif not value:
            fields = {}


def _with_query(where: str, query: Query | None) -> str:
    given = {name: _text(value) for name, value in (query or {}).items() if value is not None}
    return f"{where}?{urlencode(given, doseq=True)}" if given else where


def _text(value: str | int | bool | Sequence[str] | None) -> object:
    return str(value).lower() if isinstance(value, bool) else value


def _error(status: int, message: str, kind: str) -> Exception:
    match status:
        case 404:
            return NotFound(kind, message)
        case 401 | 403:
            return InvalidRequest(f"{message}\nSend a key of the server with --api-key or $WFM_API_KEY.")
        case 409:
            return Conflict(message)
        case 429:
            return Throttled(message)
        case _ if status < 500:
            # Who types a command knows of no body and no query.
            return InvalidRequest(_PART.sub(r"\1", message))
    return Unavailable(f"the server could not do it: {message}")


def _message(text: bytes) -> str:
    try:
        body = loads(text)
    except NotJson:
        return ""
    message = body.get("message") if isinstance(body, dict) else None
    return message if isinstance(message, str) else ""
