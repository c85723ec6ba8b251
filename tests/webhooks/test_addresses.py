"""Where messages may go."""

from __future__ import annotations

import asyncio
import ipaddress

import pytest

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.webhooks.addresses import AddressPolicy, Refused, allowed_address, parse_url

NEVER = [
    "169.254.169.254",  # the credentials of EC2, GCP, Azure
    "169.254.170.2",  # and of ECS
    "100.100.100.200",
    "192.0.0.192",
    "fd00:ec2::254",
    "fe80::1",
    "0.0.0.0",
    "::",
    "224.0.0.1",
    "ff02::1",
    "255.255.255.255",
    "240.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
]
PRIVATE = ["10.0.0.1", "172.16.3.4", "192.168.1.1", "100.64.0.1", "fc00::1", "::ffff:10.0.0.1", "198.18.0.1"]
LOOPBACK = ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"]
PUBLIC = ["93.184.216.34", "2606:2800:220:1::1", "8.8.8.8"]


@pytest.mark.parametrize(
    ("policy", "allowed", "refused"),
    [
        (AddressPolicy(), PUBLIC, [*PRIVATE, *LOOPBACK, *NEVER]),
        (AddressPolicy(loopback=True), [*PUBLIC, *LOOPBACK], [*PRIVATE, *NEVER]),
        (AddressPolicy(private=True), [*PUBLIC, *LOOPBACK, *PRIVATE], NEVER),
    ],
)
def test_addresses_are_judged_by_what_they_lead_to(
    policy: AddressPolicy, allowed: list[str], refused: list[str]
) -> None:
    for address in allowed:
        policy.check(ipaddress.ip_address(address))
    for address in refused:
        with pytest.raises(Refused):
            policy.check(ipaddress.ip_address(address))


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "127.1", "localhost"])
def test_a_host_is_judged_by_the_address_it_has_however_it_is_written(host: str) -> None:
    target = parse_url(f"http://{host}:8080/in")
    assert asyncio.run(allowed_address(target, AddressPolicy(loopback=True))) in ("127.0.0.1", "::1")
    with pytest.raises(Refused, match="this machine"):
        asyncio.run(allowed_address(target, AddressPolicy()))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "url in body is required"),
        ("example.com/in", "http or https"),
        ("ftp://example.com", "http or https"),
        ("http://", "http or https"),
        ("https://user:secret@example.com", "no user"),
        ("https://example.com/#part", "no fragment"),
        ("https://example.com\\/in", "backslash"),
        ("https://example.com:0/", "a port that cannot be"),
        ("https://example.com:99999/", "url in body is no address"),
        ("https://[::1/", "url in body is no address"),
        ("https://example.com/\r\nx-evil: 1", "without blanks"),
        ("https://exämple.com/", "ASCII"),
        ("https://example.com/" + "x" * 2000, "at most 2000"),
        (f"https://{'a' * 300}.com/", "a host"),
    ],
)
def test_what_is_no_address_for_messages_is_refused_with_the_reason(url: str, reason: str) -> None:
    with pytest.raises(InvalidRequest, match=reason):
        parse_url(url)


def test_an_address_is_taken_apart_as_requests_need_it() -> None:
    target = parse_url("https://example.com:8443/a/b?c=d")
    assert (target.host, target.port, target.place) == ("example.com", 8443, "example.com:8443")
    assert (target.path, target.is_secure) == ("/a/b?c=d", True)
    assert parse_url("http://example.com").path == "/"
