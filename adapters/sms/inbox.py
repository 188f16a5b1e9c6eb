"""A practice gateway: speaks Kannel's side of sendsms and keeps what the customers' phones received.

`GET /` shows the messages, `GET /inbox.json` lists them, `GET /status/{id}` tells of one by our id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from adapters.practice.faults import Faults
from adapters.practice.server import serve, write_port
from adapters.sms.inbox_store import InboxStore, Received
from adapters.sms.text import parts

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp

USERNAME = "thuchanh"
PASSWORD = "thuchanh"  # noqa: S105  a word of the practice branch, known to all
_VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_PAGE = Environment(loader=PackageLoader("adapters.sms", package_path="."), autoescape=True, undefined=StrictUndefined)
_PAGE_HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
_TO_LETTERS = frozenset("0123456789 +-")


def inbox(state: Path) -> ASGIApp:
    """Return the application over the SQLite file `state`, made at the first use. POST /_practice/fault arms faults."""
    store = InboxStore(state)
    store.prepare()
    routes = [
        Route("/cgi-bin/sendsms", partial(_send, store)),
        Route("/status/{id}", partial(_status, store)),
        Route("/inbox.json", partial(_listing, store)),
        Route("/", partial(_page, store)),
    ]
    refusal = PlainTextResponse("Authorization failed for sendsms", status_code=403)
    return Faults(Starlette(routes=routes), ("/cgi-bin/", "/status/"), refusal)


def run_inbox(state: Path, host: str, port: int, port_file: Path | None = None) -> None:
    """Serve the inbox until SIGINT or SIGTERM; the real port is written to `port_file` once it answers.

    Raises AdapterUnavailable when the port is taken.
    """
    serve(inbox(state), host, port, lambda real: write_port(port_file, real) if port_file else None)


def settings(url: str) -> dict[str, str]:
    """Return the options of `sms` with which the Kannel adapter talks to an inbox at `url`."""
    return {
        "url": url,
        "username": USERNAME,
        "password": PASSWORD,
        "from": "QUAYDIEN",
        "status_url": f"{url}/status/{{id}}",
    }


_CHECKS: tuple[tuple[Callable[[Mapping[str, str]], bool], int, str], ...] = (
    (lambda q: (q.get("username"), q.get("password")) == (USERNAME, PASSWORD), 403, "Authorization failed for sendsms"),
    (lambda q: bool(q.get("to")), 400, "Missing receiver number, rejected"),
    (lambda q: set(q["to"]) <= _TO_LETTERS, 400, "Garbage 'to' field, rejected."),
    (lambda q: bool(q.get("from")), 400, "Sender missing and no global set, rejected"),
    (lambda q: bool(q.get("text")), 400, "Empty text not allowed, rejected."),
    (lambda q: q.get("charset") == "UTF-8" and q.get("coding") in {"0", "2"}, 400, "Invalid charset, rejected"),
)


async def _send(store: InboxStore, request: Request) -> Response:
    query = request.query_params
    for passes, status, text in _CHECKS:
        if not passes(query):
            return PlainTextResponse(text, status_code=status)
    gateway_id = await run_in_threadpool(
        store.receive, query.get("mid", ""), query["to"], query["from"], query["text"], datetime.now(UTC)
    )
    return PlainTextResponse(f"0: Accepted for delivery: {gateway_id}", status_code=202)


async def _status(store: InboxStore, request: Request) -> Response:
    found = await run_in_threadpool(store.find, request.path_params["id"])
    if found is None:
        return JSONResponse({"error": "unknown id"}, status_code=404)
    return JSONResponse({"id": found.id, "gateway_id": found.gateway_id, "state": "delivered", "times": found.times})


async def _listing(store: InboxStore, request: Request) -> Response:
    del request
    messages = await run_in_threadpool(store.messages)
    return JSONResponse(
        [
            {"id": m.id, "phone": m.phone, "sender": m.sender, "text": m.text, "at": m.at, "times": m.times}
            for m in messages
        ]
    )


async def _page(store: InboxStore, request: Request) -> Response:
    del request
    newest_first = sorted(await run_in_threadpool(store.messages), key=lambda m: m.at, reverse=True)
    by_phone = sorted(newest_first, key=lambda m: m.phone)
    phones = [(phone, [_shown(m) for m in mine]) for phone, mine in groupby(by_phone, key=lambda m: m.phone)]
    return HTMLResponse(_PAGE.get_template("inbox.html").render(phones=phones), headers=_PAGE_HEADERS)


def _shown(message: Received) -> dict[str, object]:
    at = datetime.fromisoformat(message.at).astimezone(_VIETNAM)
    return {
        "text": message.text,
        "sender": message.sender,
        "at": message.at,
        "shown_at": at.strftime("%H:%M:%S ngày %d/%m/%Y"),
        "times": message.times,
        "parts": parts(message.text),
    }
