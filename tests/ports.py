"""Ports for servers that are told beforehand where to listen."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class Port:
    """One that nobody is given by chance, from now until it is released.

    Linux keeps an address that somebody has bound from all who ask for any free one, and still lets a
    listener in that asks for it by its number, if both of them say SO_REUSEADDR.  Elsewhere it is free
    as soon as its number is known.
    """

    def __init__(self) -> None:
        self._holder = socket.socket()
        self._holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._holder.bind(("127.0.0.1", 0))
        self.number: int = self._holder.getsockname()[1]
        if sys.platform != "linux":
            self.release()

    def release(self) -> None:
        self._holder.close()


@contextmanager
def held_port() -> Iterator[int]:
    port = Port()
    try:
        yield port.number
    finally:
        port.release()
