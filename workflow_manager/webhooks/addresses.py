"""Where messages may go: not to whatever this machine can reach and the world cannot.

A name is looked up here, once for each attempt, and the connection is made to the very address that was
judged: a name that means something else a moment later changes nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from workflow_manager.kernel.errors import InvalidRequest, WorkflowManagerError

IpAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_URL: Final = 2_000

# Link-local addresses too, but that is how they are known: the credentials of a cloud's machines.
_METADATA: Final = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "fd00:ec2::254", "192.0.0.192")))
_SHARED: Final = ipaddress.ip_network("100.64.0.0/10")
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


class Refused(WorkflowManagerError):
    """An address to which nothing is sent."""


@dataclass(frozen=True, slots=True)
class Target:
    """The parts of a webhook's address; `place` as the Host header has it."""

    is_secure: bool
    host: str
    port: int
    place: str
    path: str


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Addresses of this machine and of private networks are for those who allow them."""

    loopback: bool = False
    private: bool = False

    def check(self, address: IpAddress) -> None:
        """Raises `Refused`, with the reason."""
        address = _meant(address)
        if (
            address in _METADATA
            or address.is_link_local
            or address.is_multicast
            or address.is_unspecified
            or (address.is_reserved and not address.is_loopback)
        ):
            raise Refused(
                f"{address} is link-local, of a cloud's metadata, or no host: nothing is sent there"
            )
        if address.is_loopback:
            if not (self.loopback or self.private):
                raise Refused(f"{address} is this machine: WFM_WEBHOOKS_PRIVATE allows it")
        elif (not address.is_global or address in _SHARED) and not self.private:
            raise Refused(f"{address} is in a private network: WFM_WEBHOOKS_PRIVATE allows it")

    def check_host(self, host: str) -> None:
        """Of a host that is an address already.  Raises `Refused`."""
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return
        self.check(address)


def _meant(address: IpAddress) -> IpAddress:
    """The IPv4 address inside of an IPv6 one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    return address


def parse_url(url: str) -> Target:
    """Raises `InvalidRequest`, which names the field and the reason."""
    if not url:
        raise InvalidRequest("url in body is required")
    if len(url) > MAX_URL:
        raise InvalidRequest(f"url in body should be at most {MAX_URL} chars long")
    if not url.isascii() or any(character <= " " or character == "\x7f" for character in url):
        raise InvalidRequest("url in body should be ASCII without blanks: encode what is not")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise InvalidRequest(f"url in body is no address: {error}") from None
    if parts.scheme not in ("http", "https") or not host:
        raise InvalidRequest("url in body should be an http or https address")
    if port == 0 or len(host) > 253:
        raise InvalidRequest("url in body has a host or a port that cannot be")
    if "@" in parts.netloc:
        raise InvalidRequest("url in body should have no user: messages are signed instead")
    if parts.fragment or "\\" in url:
        raise InvalidRequest("url in body should have no fragment and no backslash")
    is_secure = parts.scheme == "https"
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    return Target(is_secure, host, port or (443 if is_secure else 80), parts.netloc, path)


async def allowed_address(target: Target, policy: AddressPolicy) -> str:
    """One address of the host, if all that it has are allowed.  Raises `Refused`, `OSError`."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            target.host, target.port, type=socket.SOCK_STREAM
        )
    except UnicodeError:
        raise Refused(f"{target.host} is no name of a host") from None
    addresses = [str(place[0]) for *_, place in found]
    for address in addresses:
        policy.check(ipaddress.ip_address(address.partition("%")[0]))
    if not addresses:
        raise OSError(f"{target.host} has no address")
    return addresses[0]
