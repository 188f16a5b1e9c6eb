"""Failures on demand, so that a practice branch and the tests can see what a bad day looks like.

`POST /_practice/fault {"mode": …, "times": n, "path": part, "seconds": s}` arms the next `n` requests whose path
contains `part` (all by default). `times` 0 disarms.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

Mode = Literal["down", "html", "slow", "refuse", "half"]
CONTROL = "/_practice/fault"
_LOGIN_PAGE = "<!doctype html><title>Đăng nhập</title><h1>Đăng nhập hệ thống</h1><form><input name=user></form>"


@dataclass(slots=True)
class _Armed:
    mode: Mode
    times: int
    path: str
    seconds: float


@dataclass(slots=True)
class Faults:
    """ASGI middleware. `served` are the path prefixes that may fail, `refusal` is how this system says no.

    Modes: `down` drops the connection unheard; `html` answers a login page with status 200; `refuse` answers
    `refusal`; `half` does the work and drops the connection; `slow` does the work and holds the answer back.
    """

    app: ASGIApp
    served: tuple[str, ...]
    refusal: Response
    _armed: _Armed | None = field(default=None, init=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Arm, fail or pass on."""
        if scope["type"] == "http" and scope["path"] == CONTROL:
            await (await self._arm(Request(scope, receive)))(scope, receive, send)
        elif scope["type"] == "http" and (armed := self._take(scope["path"])):
            await self._fail(armed, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _arm(self, request: Request) -> Response:
        try:
            wish = await request.json()
            mode, times = wish["mode"], int(wish.get("times", 1))
            seconds, path = float(wish.get("seconds", 30)), str(wish.get("path", ""))
        except (ValueError, TypeError, KeyError, AttributeError):
            return JSONResponse({"error": "mode, times, path, seconds"}, status_code=400)
        if mode not in get_args(Mode):
            return JSONResponse({"error": f"mode: {', '.join(get_args(Mode))}"}, status_code=400)
        self._armed = _Armed(mode, times, path, seconds) if times > 0 else None
        return JSONResponse({"mode": mode, "times": times, "path": path})

    def _take(self, path: str) -> _Armed | None:
        armed = self._armed
        if armed is None or armed.path not in path or not path.startswith(self.served):
            return None
        armed.times -= 1
        if armed.times == 0:
            self._armed = None
        return armed

    async def _fail(self, armed: _Armed, scope: Scope, receive: Receive, send: Send) -> None:
        match armed.mode:
            case "down":
                await _drop(send)
            case "html":
                await HTMLResponse(_LOGIN_PAGE)(scope, receive, send)
            case "refuse":
                await self.refusal(scope, receive, send)
            case "half":
                await self.app(scope, receive, _unheard)
                await _drop(send)
            case "slow":
                kept: list[Message] = []
                await self.app(scope, receive, _keeping(kept))
                await _patience(receive, armed.seconds)
                for message in kept:
                    await send(message)


async def _drop(send: Send) -> None:
    """Begin an answer and never end it: the server closes the connection."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})


async def _unheard(message: Message) -> None:
    del message


def _keeping(kept: list[Message]) -> Send:
    async def keep(message: Message) -> None:
        kept.append(message)

    return keep


async def _patience(receive: Receive, seconds: float) -> None:
    """Wait `seconds`, or less when the other side hangs up."""

    async def hung_up() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(hung_up(), seconds)
    except TimeoutError:
        return
