from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.integrations.calling import STATES, Caller
from workflow_manager.engine.resources import parse_resource
from workflow_manager.engine.services import ServiceFailed
from workflow_manager.kernel.json import Json

HTTP = f"{STATES}http:invoke"
GATEWAY = f"{STATES}apigateway:invoke"


class Mirror(BaseHTTPRequestHandler):
    """Answers with the request; a path such as /418 is the status to answer with."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        told = {"method": self.command, "path": self.path, "headers": dict(self.headers), "body": body}
        last = self.path.rpartition("/")[2]
        self.send_response_only(int(last) if last.isdigit() else 200)
        answer = ("plain" if self.path == "/plain" else json.dumps(told)).encode()
        for name, value in (("X-Two", "1"), ("X-Two", "2"), ("Content-Length", str(len(answer)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)

    do_DELETE = do_GET = do_PATCH = do_POST = do_PUT = _answer  # noqa: N815

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def invoke(resource: str, **arguments: Json) -> Any:
    return Caller("").call(resource, arguments)


def test_an_answer_shows_status_headers_and_body(url: str) -> None:
    result = invoke(HTTP, ApiEndpoint=f"{url}/plain", Method="GET")
    assert (result["StatusCode"], result["StatusText"], result["ResponseBody"]) == (200, "OK", "plain")
    assert result["Headers"]["X-Two"] == ["1", "2"]


def test_a_request_has_all_that_is_asked_for(url: str) -> None:
    seen = invoke(
        HTTP,
        ApiEndpoint=f"{url}/a?b=1",
        Method="POST",
        Headers={"X-Mine": "x", "X-Many": ["1", "2"]},
        QueryParameters={"q": "ü &", "n": [1, 2]},
        RequestBody={"a": [1]},
    )["ResponseBody"]
    assert (seen["method"], seen["path"], seen["body"]) == (
        "POST",
        "/a?b=1&q=%C3%BC+%26&n=1&n=2",
        '{"a":[1]}',
    )
    assert (seen["headers"]["x-mine"], seen["headers"]["x-many"]) == ("x", "1,2")
    assert seen["headers"]["content-type"] == "application/json"


def test_the_gateway_is_called_by_stage_and_path(url: str) -> None:
    seen = invoke(
        GATEWAY, ApiEndpoint=url, Method="PUT", Stage="prod", Path="/bills/7", QueryParameters={"a": ["1"]}
    )["ResponseBody"]
    assert (seen["method"], seen["path"]) == ("PUT", "/prod/bills/7?a=1")


def test_the_gateway_may_ask_for_a_signature(url: str) -> None:
    for kind, is_signed in (("NO_AUTH", False), ("IAM_ROLE", True), ("RESOURCE_POLICY", True)):
        seen = invoke(
            GATEWAY, ApiEndpoint=url, Method="POST", AuthType=kind, RequestBody={"a": 1}, Stage="s"
        )["ResponseBody"]
        authorization = seen["headers"].get("Authorization", "")
        assert ("/us-east-1/execute-api/aws4_request" in authorization) is is_signed
        assert seen["body"] == '{"a":1}'


@pytest.mark.parametrize(
    ("layout", "body"),
    [
        ("INDICES", "k%5B0%5D=a&k%5B1%5D=2&s=x+y"),
        ("REPEAT", "k=a&k=2&s=x+y"),
        ("COMMAS", "k=a%2C2&s=x+y"),
        ("BRACKETS", "k%5B%5D=a&k%5B%5D=2&s=x+y"),
    ],
)
def test_a_form_is_encoded_as_asked_for(url: str, layout: str, body: str) -> None:
    seen = invoke(
        HTTP,
        ApiEndpoint=url,
        Method="POST",
        RequestBody={"k": ["a", 2], "s": "x y"},
        Transform={
            "RequestBodyEncoding": "URL_ENCODED",
            "RequestEncodingOptions": {"ArrayFormat": layout},
        },
    )["ResponseBody"]
    assert seen["body"] == body


@pytest.mark.parametrize(
    ("resource", "path", "error"),
    [
        (HTTP, "/404", "States.Http.StatusCode.404"),
        (HTTP, "/302", "States.Http.StatusCode.302"),
        (GATEWAY, "/503", "ApiGateway.503"),
    ],
)
def test_an_answer_that_is_no_success_fails_the_task(url: str, resource: str, path: str, error: str) -> None:
    with pytest.raises(ServiceFailed) as failed:
        invoke(resource, ApiEndpoint=f"{url}{path}", Method="GET")
    assert failed.value.failure.error == error
    assert '"method": "GET"' in (failed.value.failure.cause or "")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"ApiEndpoint": "http://127.0.0.1:1/", "Method": "GET"}, "States.Http.Socket"),
        ({"ApiEndpoint": "file:///etc/hosts", "Method": "GET"}, "States.Runtime"),
        ({"ApiEndpoint": "http://[", "Method": "GET"}, "States.Runtime"),
        ({"ApiEndpoint": "http://a:99999/", "Method": "GET"}, "States.Runtime"),
        ({"ApiEndpoint": "http://a/b c\r\n", "Method": "GET"}, "States.Runtime"),
        ({"Method": "GET"}, "States.Runtime"),
        ({"ApiEndpoint": "http://a", "Method": "TRACE"}, "States.Runtime"),
        ({"ApiEndpoint": "http://a", "Method": "GET", "Headers": {"X": "a\r\nY: b"}}, "States.Runtime"),
        ({"ApiEndpoint": "http://a", "Method": "GET", "QueryParameters": [1]}, "States.Runtime"),
    ],
)
def test_a_request_that_cannot_be_sent_fails_the_task(arguments: dict[str, Json], error: str) -> None:
    with pytest.raises(ServiceFailed) as failed:
        invoke(HTTP, **arguments)
    assert failed.value.failure.error == error


def test_http_has_no_callback() -> None:
    services = Caller("").services()
    assert not services.serves(parse_resource(f"{HTTP}.waitForTaskToken"))
    assert services.serves(parse_resource(f"{GATEWAY}.waitForTaskToken"))
