"""Serves an ASGI application on loopback with uvicorn."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from kernel.api.errors import AdapterUnavailable

if TYPE_CHECKING:
    from starlette.types import ASGIApp

STOP_SECONDS = 2


class _Server(uvicorn.Server):
    """A uvicorn server that says when it answers."""

    def __init__(self, app: ASGIApp, ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                # its INFO lines hold whole addresses: passwords and codes of messages
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=STOP_SECONDS,
            )
        )
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def _listen(host: str, port: int) -> socket.socket:
    try:
        listening = socket.create_server((host, port))
    except OSError as error:
        raise AdapterUnavailable(system="HTTP", endpoint=f"{host}:{port}", detail=str(error)) from error
    # asyncio turns Nagle's algorithm off only for sockets it made: 40 ms an answer otherwise.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def serve(app: ASGIApp, host: str, port: int, ready: Callable[[int], None]) -> None:
    """Serve until SIGINT or SIGTERM. Port 0 takes a free one; `ready` is called with the real port.

    Raises AdapterUnavailable when the port is taken.
    """
    with _listen(host, port) as listening:
        real = listening.getsockname()[1]
        _Server(app, lambda: ready(real)).run(sockets=[listening])


def write_port(port_file: Path, port: int) -> None:
    """Write the port number so that a reader sees the whole file or none."""
    fresh = port_file.with_suffix(port_file.suffix + ".new")
    fresh.write_text(f"{port}\n", encoding="ascii")
    fresh.replace(port_file)


@contextmanager
def background(app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve `app` in a thread and yield its address, `http://127.0.0.1:PORT`; stop it at the end."""
    with _listen(host, port) as listening:
        answering = threading.Event()
        server = _Server(app, answering.set)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])), daemon=True)
        thread.start()
        answering.wait()
        try:
            yield f"http://{host}:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
