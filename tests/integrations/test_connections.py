"""EventBridge connections of HTTP tasks."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.integrations.calling import STATES, Caller, call_of, clients
from workflow_manager.engine.blocking import Threads
from workflow_manager.engine.services import HttpExchange, ServiceFailed
from workflow_manager.integrations.connections import (
    Authorization,
    Connection,
    Connections,
    TokenRequest,
    described_connection,
    make_connection,
    read_connections,
)
from workflow_manager.integrations.services import ConnectedServices
from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.kernel.json import Json, dumps

HTTP = f"{STATES}http:invoke"
ARN = "arn:aws:events:us-east-1:123456789012:connection/billing/0000"


class Site(BaseHTTPRequestHandler):
    """Gives tokens to whoever asks at /token, numbered, and takes the newest one only; shows the request."""

    given = 0
    asked: list[dict[str, list[str]]]

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        site = type(self)
        if self.path.startswith("/token"):
            site.given += 1
            site.asked.append(parse_qs(body) or parse_qs(self.path.partition("?")[2]))
            told: Any = {"access_token": f"t{site.given}", "token_type": "bearer", "expires_in": 3600}
            status = 200
        elif self.path.startswith("/refuse"):
            told, status = {"error": "invalid_client"}, 401
        else:
            token = self.headers.get("Authorization", "")
            told = {"path": self.path, "headers": dict(self.headers), "body": body}
            status = 200 if not site.given or token == f"Bearer t{site.given}" else 401
        answer = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = _answer  # noqa: N815

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def site() -> Iterator[tuple[str, type[Site]]]:
    handler = type("ASite", (Site,), {"given": 0, "asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", handler
    server.shutdown()
    server.server_close()


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def services(connection: Connection, now: Clock | None = None) -> ConnectedServices:
    return ConnectedServices(
        clients=clients(""),
        threads=Threads(4, "service-call"),
        region="us-east-1",
        functions={},
        connections=Connections({"billing": connection}, now or Clock()),
    )


def invoke(on: ConnectedServices, url: str, **more: Json) -> Any:
    arguments = {"ApiEndpoint": url, "Method": "POST", "Authentication": {"ConnectionArn": ARN}, **more}
    return json.loads(asyncio.run(on.call(call_of(HTTP, arguments))))["ResponseBody"]


def oauth(url: str, **more: Any) -> Connection:
    told = {"client_id": "me", "client_secret": "s3cret", "authorization_endpoint": f"{url}/token", **more}
    return make_connection("billing", "OAUTH_CLIENT_CREDENTIALS", told)


def test_what_a_connection_adds_goes_before_what_the_state_says(site: tuple[str, type[Site]]) -> None:
    told = {
        "username": "u",
        "password": "p",
        "invocation_http_parameters": {
            "header_parameters": [{"key": "X-Both", "value": "connection"}],
            "query_string_parameters": {"q": 1},
            "body_parameters": {"tenant": "north", "n": 2},
        },
    }
    seen = invoke(
        services(make_connection("billing", "BASIC", told)),
        f"{site[0]}/a",
        Headers={"X-Both": "state", "X-Mine": "m"},
        RequestBody={"n": 1, "m": 1},
    )
    assert seen["path"] == "/a?q=1"
    assert json.loads(seen["body"]) == {"n": 2, "m": 1, "tenant": "north"}
    headers = {name.lower(): value for name, value in seen["headers"].items()}
    assert (headers["x-both"], headers["x-mine"], headers["authorization"]) == (
        "connection",
        "m",
        "Basic dTpw",
    )
    assert headers["user-agent"] == "Amazon|StepFunctions|HttpInvoke|us-east-1"


def test_a_token_is_fetched_once_and_again_when_its_time_is_over(site: tuple[str, type[Site]]) -> None:
    url, handler = site
    clock = Clock()
    on = services(
        oauth(url, oauth_http_parameters={"body_parameters": [{"key": "audience", "value": "x"}]}), clock
    )
    for _ in range(2):
        assert invoke(on, f"{url}/a")["headers"]["authorization"] == "Bearer t1"
    assert handler.asked == [
        {
            "grant_type": ["client_credentials"],
            "client_id": ["me"],
            "client_secret": ["s3cret"],
            "audience": ["x"],
        }
    ]
    clock.now = 3600
    assert invoke(on, f"{url}/a")["headers"]["authorization"] == "Bearer t2"


def test_a_token_that_is_refused_is_replaced_and_the_request_made_once_more(
    site: tuple[str, type[Site]],
) -> None:
    url, handler = site
    on = services(oauth(url, http_method="GET"))
    invoke(on, f"{url}/a")
    handler.given += 1  # somebody else has got a newer one
    assert invoke(on, f"{url}/a")["headers"]["authorization"] == "Bearer t3"
    assert handler.asked[-1]["client_id"] == ["me"]


def test_a_connection_that_gets_no_token_fails_the_task(site: tuple[str, type[Site]]) -> None:
    url, _ = site
    with pytest.raises(ServiceFailed) as failed:
        invoke(services(oauth(url, authorization_endpoint=f"{url}/refuse")), f"{url}/a")
    assert failed.value.failure.error == "Events.ConnectionResource.InvalidConnectionState"
    assert f"{url}/refuse answered 401" in (failed.value.failure.cause or "")
    assert "s3cret" not in (failed.value.failure.cause or "")


def test_who_watches_sees_the_request_with_and_without_secrets(site: tuple[str, type[Site]]) -> None:
    url, _ = site
    connection = make_connection("billing", "API_KEY", {"api_key_name": "X-Key", "api_key_value": "v"})
    seen: list[HttpExchange] = []
    arguments = {"ApiEndpoint": f"{url}/a", "Method": "GET", "Authentication": {"ConnectionArn": ARN}}
    call = call_of(HTTP, arguments)
    watched = type(call)(
        resource=call.resource,
        arguments=call.arguments,
        token=call.token,
        caller=call.caller,
        watch=seen.append,
    )
    asyncio.run(services(connection).call(watched))
    (exchange,) = seen
    assert exchange.request == {
        "protocol": "http",
        "method": "GET",
        "url": f"{url}/a",
        "headers": "[user-agent: Amazon|StepFunctions|HttpInvoke|us-east-1]",
    }
    assert "x-key: v" in exchange.revealed["headers"]
    assert exchange.response is not None
    assert (exchange.response["statusCode"], exchange.response["statusMessage"]) == ("200", "OK")


def test_eventbridge_and_secrets_manager_tell_of_a_connection(
    aws_url: str, site: tuple[str, type[Site]]
) -> None:
    events = clients(aws_url).get("events", "us-east-1")
    arn = events.create_connection(  # type: ignore[attr-defined]
        Name="crm",
        AuthorizationType="OAUTH_CLIENT_CREDENTIALS",
        AuthParameters={
            "OAuthParameters": {
                "ClientParameters": {"ClientID": "me", "ClientSecret": "s3cret"},
                "AuthorizationEndpoint": f"{site[0]}/token",
                "HttpMethod": "POST",
            }
        },
    )["ConnectionArn"]
    arguments = {"ApiEndpoint": f"{site[0]}/a", "Method": "GET", "Authentication": {"ConnectionArn": arn}}
    seen = Caller(aws_url).call(HTTP, arguments)["ResponseBody"]
    assert seen["headers"]["authorization"] == "Bearer t1"
    assert site[1].asked[0]["client_secret"] == ["s3cret"]

    arguments["Authentication"] = {"ConnectionArn": arn.replace("/crm/", "/none/")}
    with pytest.raises(ServiceFailed) as failed:
        Caller(aws_url).call(HTTP, arguments)
    assert failed.value.failure.error == "Events.ConnectionResource.ResourceNotFound"


@pytest.mark.parametrize(
    ("description", "secret", "error"),
    [
        ({"ConnectionState": "DEAUTHORIZED"}, "{}", "InvalidConnectionState"),
        ({"ConnectionState": "AUTHORIZING"}, "{}", "AuthInProgress"),
        ({"AuthorizationType": "BASIC"}, "no JSON", "InvalidConnectionState"),
        ({"AuthorizationType": "BASIC"}, '{"username": "u"}', "InvalidConnectionState"),
        ({"AuthorizationType": "NTLM"}, "{}", "InvalidConnectionState"),
    ],
)
def test_a_connection_that_cannot_be_used_fails_the_task(
    description: dict[str, Json], secret: str, error: str
) -> None:
    with pytest.raises(ServiceFailed) as failed:
        described_connection("c", description, secret)
    assert failed.value.failure.error == f"Events.ConnectionResource.{error}"


def test_connections_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "connections.yml"
    file.write_text(
        """
connections:
  billing: {type: basic, username: u, password: $PASSWORD}
  crm: {type: oauth, authorization_endpoint: "http://a/token", client_id: me, client_secret: a$$b}
""",
        encoding="utf-8",
    )
    found = read_connections(file, {"PASSWORD": "p"})
    assert found == {
        "billing": Connection("billing", Authorization({"Authorization": "Basic dTpw"})),
        "crm": Connection("crm", Authorization(), TokenRequest("http://a/token", "POST", "me", "a$b")),
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- 1", "'connections' must hold an object"),
        ("connections: {a: 1}", "connection 'a': it must be an object"),
        ("connections: {a: {type: basic, username: u}}", "connection 'a': 'password' is missing"),
        ("connections: {a: {type: basic, username: $NO}}", "the variable NO is not set"),
        ("connections: {a: {username: u}}", "is none of BASIC"),
        ("connections: [", "not YAML"),
    ],
)
def test_a_file_of_connections_that_is_wrong_says_why(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "connections.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidRequest) as refused:
        read_connections(file, {})
    assert problem in str(refused.value)


def test_different_tokens_are_kept_apart() -> None:
    one = TokenRequest("e", "POST", "i", "s", Authorization(body={"a": 1}))
    assert hash(one) == hash(TokenRequest("e", "POST", "i", "s", Authorization(body={"a": 1})))
    assert one != TokenRequest("e", "POST", "i", "s", Authorization(body={"a": 2}))
    assert dumps(dict(one.more.body)) == '{"a":1}'
