"""How the generated clients of old talk, byte for byte."""

from __future__ import annotations

import gzip
import zlib

import pytest

from tests.api.wire import Server

GO = "Content-Type: application/json\r\nX-Client-Version: 0.16.2\r\nAccept-Encoding: gzip\r\n"
JS = "X-Client-Version: 0.16.2\r\nbaggage: \r\nAccept: application/json\r\nAccept-Encoding: gzip, deflate\r\n"


def test_a_go_clients_empty_post_keeps_the_connection_in_step(server: Server) -> None:
    server.define()
    first, second = server.start(), server.start()
    with server.connection() as connection:
        for workflow in (first, second):
            connection.send(
                f"POST /workflows/{workflow['id']}/resolved? HTTP/1.1\r\nHost: x\r\n{GO}"
                "Canonical-Resource: resolveWorkflowByID\r\n"
                "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode()
            )
            answer = connection.receive()
            assert (answer.status, answer.body) == (201, b"")
        connection.send(f"GET /workflows/{first['id']}? HTTP/1.1\r\nHost: x\r\n{GO}\r\n".encode())
        assert connection.receive().json["resolvedByUser"] is True


def test_a_js_clients_empty_post_and_delete_with_a_body(server: Server) -> None:
    server.define()
    workflow = server.start()
    with server.connection() as connection:
        connection.send(
            f"POST /workflows/{workflow['id']}/resolved HTTP/1.1\r\nHost: x\r\n{JS}"
            "content-length: 0\r\n\r\n".encode()
        )
        assert connection.receive().status == 201
        body = b'{"reason":"wrong input"}'
        connection.send(
            f"DELETE /workflows/{workflow['id']} HTTP/1.1\r\nHost: x\r\n{JS}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        answer = connection.receive()
        assert (answer.status, answer.body) == (200, b"")
    assert server.request("GET", f"/workflows/{workflow['id']}").json["statusReason"] == "wrong input"


def test_a_terminating_chunk_that_comes_late_is_waited_for(server: Server) -> None:
    server.define()
    workflow = server.start()
    with server.connection() as connection:
        connection.send(
            f"POST /workflows/{workflow['id']}/resolved HTTP/1.1\r\nHost: x\r\n"
            "Transfer-Encoding: chunked\r\n\r\n".encode()
        )
        assert "resolvedByUser" not in server.request("GET", f"/workflows/{workflow['id']}").json
        connection.send(b"0\r\n\r\nGET /_health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.receive().status == 201
        assert connection.receive().status == 200


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "nonsense"]
)
def test_any_content_type_is_taken_for_json(server: Server, content_type: str | None) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    body = b'{"name":"a","stateMachine":{"StartAt":"s","States":{"s":{"Type":"Succeed"}}}}'
    assert server.request("POST", "/workflow-definitions", body, headers).status == 201


def test_bytes_after_the_first_value_are_ignored(server: Server) -> None:
    body = b' {"name":"a","namespace":"n"}\xff not json'
    assert server.request("POST", "/state-resources", body).status == 201


def test_a_body_in_chunks_is_one_body(server: Server) -> None:
    with server.connection() as connection:
        connection.send(
            b"POST /state-resources HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            b'8\r\n{"name":\r\n13\r\n"a","namespace":"b"\r\n1\r\n}\r\n0\r\n\r\n'
        )
        assert connection.receive().status == 201


def test_expecting_clients_are_told_to_continue(server: Server) -> None:
    with server.connection() as connection:
        connection.send(
            b"POST /state-resources HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 28\r\n\r\n"
        )
        connection.send(b'{"name":"a","namespace":"b"}')
        assert connection.receive().status == 201


@pytest.mark.parametrize(
    "framed",
    [
        'Content-Length: 28\r\n\r\n{"name":"a","namespace":"b"}',
        'Transfer-Encoding: chunked\r\n\r\n1c\r\n{"name":"a","namespace":"b"}\r\n0\r\n\r\n',
    ],
    ids=["in one", "in chunks"],
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_clients_that_offer_http2_are_served_in_http1(server: Server, framed: str, size: int) -> None:
    offer = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n"
    post = f"POST /state-resources HTTP/1.1\r\nHost: x\r\n{offer}{framed}".encode()
    get = f"GET /state-resources/b/a? HTTP/1.1\r\nHost: x\r\n{offer}\r\n".encode()
    sent = (post + get) * 2
    with server.connection() as connection:
        for begin in range(0, len(sent), size):
            connection.send(sent[begin : begin + size])
        for _ in range(2):
            assert connection.receive().status == 201
            assert connection.receive().json["name"] == "a"


def test_an_unread_body_does_not_garble_the_next_answer(server: Server) -> None:
    with server.connection() as connection:
        assert connection.request("POST", "/nowhere", b"x" * 300_000).status == 404
        assert connection.request("PATCH", "/workflows", b"x" * 300_000).status == 405
        assert connection.request("POST", "/workflow-definitions", b"x" * 3_000_000).status == 413
        assert connection.request("GET", "/_health").status == 200


def test_pipelined_requests_are_answered_in_order(server: Server) -> None:
    with server.connection() as connection:
        connection.send(
            b"GET /workflow-definitions HTTP/1.1\r\nHost: x\r\n\r\n"
            b"GET /_health HTTP/1.1\r\nHost: x\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"
        )
        assert [connection.receive().status for _ in range(3)] == [200, 200, 404]


def test_health_is_an_empty_200(server: Server) -> None:
    answer = server.request("GET", "/_health")
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "0")


@pytest.mark.parametrize(
    ("accepted", "used"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate", "gzip"),
        ("deflate", "deflate"),
        ("*", "gzip"),
        ("gzip;q=0, deflate;q=0.5", "deflate"),
        ("br", None),
        ("gzip;q=0", None),
        ("gzip;q=x", None),
        ("", None),
    ],
)
def test_answers_are_compressed_as_the_client_allows(server: Server, accepted: str, used: str | None) -> None:
    plain = server.request("GET", "/swagger.json").body
    answer = server.request("GET", "/swagger.json", headers={"Accept-Encoding": accepted})
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers.get("content-encoding") == used
    decode = {"gzip": gzip.decompress, "deflate": zlib.decompress, None: bytes}[used]
    assert decode(answer.body) == plain


def test_head_is_get_without_its_body(server: Server) -> None:
    server.define()
    with server.connection() as connection:
        head = connection.request("HEAD", "/workflow-definitions")
        get = connection.request("GET", "/workflow-definitions")
    assert (head.status, head.headers["content-length"]) == (200, str(len(get.body)))


def test_options_and_405_name_the_methods(server: Server) -> None:
    options = server.request("OPTIONS", "/workflows/x")
    assert (options.status, options.headers["allow"]) == (204, "DELETE, GET, HEAD, OPTIONS, POST")
    wrong = server.request("PUT", "/workflows/x", b"{}")
    assert (wrong.status, wrong.headers["allow"]) == (405, "DELETE, GET, HEAD, OPTIONS, POST")
    assert wrong.message == "method PUT is not allowed here"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a/b", "a%2Fb"),
        ("a%2Fb", "a%252Fb"),
        ("wf:m", "wf:m"),
        ("wf:m", "wf%3Am"),
        ("ü x", "%C3%BC%20x"),
        ("a\nb", "a%0Ab"),
        ("a?b", "a%3Fb"),
        ("..", "%2E%2E"),
    ],
)
def test_every_name_can_be_addressed(server: Server, name: str, path: str) -> None:
    server.define(name)
    assert server.request("GET", f"/workflow-definitions/{path}").json[0]["name"] == name
    assert server.request("GET", f"/workflow-definitions/{path}/0").json["name"] == name


def test_a_browser_is_shown_the_api(server: Server) -> None:
    answer = server.request("GET", "/", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (answer.status, answer.headers["location"]) == (303, "/docs")
    assert server.request("GET", "/docs").status == 200
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        answer = server.request(method, "/", b"{}", {"Accept": "text/html"})
        assert (answer.status, answer.message) == (404, "there is nothing at /")


@pytest.mark.parametrize("path", ["/events", "/workflows/{}/events"])
def test_head_of_a_stream_ends(server: Server, path: str) -> None:
    server.define()
    with server.connection() as connection:
        head = connection.request("HEAD", path.format(server.start()["id"]))
        assert (head.status, head.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        assert connection.request("GET", "/_health").status == 200


@pytest.mark.parametrize("path", ["/events", "/docs", "/metrics", "/swagger.json"])
def test_pages_in_front_refuse_other_methods_as_the_api_does(server: Server, path: str) -> None:
    answer = server.request("POST", path, b"{}")
    assert (answer.status, answer.message) == (405, "method POST is not allowed here")
    assert "GET" in answer.headers["allow"]


def test_a_body_that_is_far_too_large_is_not_waited_for(server: Server) -> None:
    with server.connection() as connection:
        connection.send(b"POST /workflows HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n{")
        answer = connection.receive()
    assert (answer.status, answer.headers["connection"]) == (413, "close")
    assert answer.message == "request body is larger than 1048576 bytes"


def test_a_compressed_body_is_a_415(server: Server) -> None:
    answer = server.request("POST", "/workflows", gzip.compress(b"{}"), {"Content-Encoding": "gzip"})
    assert answer.status == 415
    assert answer.message == "request body has the Content-Encoding gzip: only plain bodies are read"
    plain = server.request("POST", "/workflows", b"{}", {"Content-Encoding": "identity"})
    assert plain.message == "workflowDefinition in body is required"


@pytest.mark.parametrize("path", ["/", "/nope", "/workflows/", "//workflows", "/workflow-definitions/a/b/c"])
def test_unknown_paths_are_404_in_the_shape_of_all_errors(server: Server, path: str) -> None:
    answer = server.request("GET", path)
    assert (answer.status, answer.message) == (404, f"there is nothing at {path}")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GARBAGE\r\n\r\n", 400),
        (b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /a\xff HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"POST /workflows HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 200_000 + b"\r\n\r\n", 431),
        (b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 431),
    ],
)
def test_what_is_no_http_is_answered_too(server: Server, head: bytes, status: int) -> None:
    with server.connection() as connection:
        connection.send(head)
        answer = connection.receive()
    assert answer.status == status
    assert answer.message
