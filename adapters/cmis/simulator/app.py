"""The simulator as a web application and as a program."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from adapters.cmis.endpoints import SERVICE_PATH
from adapters.cmis.simulator.functions import Functions
from adapters.cmis.simulator.seed import seed
from adapters.cmis.simulator.store import Refusal, Store
from adapters.practice.faults import Faults
from adapters.practice.server import serve, write_port

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp

_BASE = f"/{SERVICE_PATH}"
_NOT_FOUND = "<!doctype html><title>Error 404--Not Found</title><h1>Error 404--Not Found</h1>"
_VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def _today() -> date:
    return datetime.now(_VIETNAM).date()


def simulator(state: Path, today: Callable[[], date] = _today) -> ASGIApp:
    """Return the application over the SQLite file `state`, which is made and seeded at the first use.

    Besides CMIS's functions: GET /_practice/state, and POST /_practice/fault (`adapters.practice.faults`).
    """
    functions = Functions(Store(state), seed(today()), today)
    functions.store.prepare(functions.seed)
    routes = [
        Route(f"{_BASE}/getHSGT/{{unit}}/{{code}}/{{file_type}}", partial(_file, functions)),
        Route(f"{_BASE}/{{function}}", partial(_call, functions), methods=["POST"]),
        Route("/_practice/state", partial(_state, functions)),
    ]
    refusal = _no("Dữ liệu đang được người dùng khác cập nhật")
    return Faults(Starlette(routes=routes), (_BASE,), refusal)


def run_simulator(state: Path, host: str, port: int, port_file: Path | None = None) -> None:
    """Serve the simulator until SIGINT or SIGTERM; the real port is written to `port_file` once it answers.

    Raises AdapterUnavailable when the port is taken.
    """
    serve(simulator(state), host, port, lambda real: write_port(port_file, real) if port_file else None)


def _no(message: str) -> Response:
    return JSONResponse({"TYPE": "ERROR", "MESSAGE": message})


async def _call(functions: Functions, request: Request) -> Response:
    function = functions.named().get(request.path_params["function"])
    if function is None:
        return HTMLResponse(_NOT_FOUND, status_code=404)
    try:
        body = await request.json()
    except ValueError:
        return _no("Dữ liệu gửi lên không phải JSON")
    if not isinstance(body, dict):
        return _no("Dữ liệu gửi lên sai cấu trúc")
    try:
        return JSONResponse(await run_in_threadpool(function, body))
    except Refusal as refusal:
        return _no(str(refusal))


async def _file(functions: Functions, request: Request) -> Response:
    unit, code, file_type = (request.path_params[name] for name in ("unit", "code", "file_type"))
    try:
        content = await run_in_threadpool(functions.store.file, unit, code, file_type)
    except Refusal as refusal:
        return _no(str(refusal))
    if content is None:
        return _no(f"Yêu cầu {code} chưa có hồ sơ {file_type}")
    return Response(content, media_type="application/pdf")


async def _state(functions: Functions, request: Request) -> Response:
    del request
    return JSONResponse(await run_in_threadpool(functions.store.state))
