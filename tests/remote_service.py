"""A remote signing service for the tests: certomancer's CSC server, and a door before it that lets a bad day in.

One a session: ask for the fixture `remote_service`. The server speaks CSC v1; the door also speaks v2 before it, with a
phone on which the owner confirms.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
from aiohttp import web
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig, PKIArchitecture
from cryptography.hazmat.primitives import serialization
from csc_dummy.csc_dummy_server import CSCWithCertomancer, DummyServiceParams
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from adapters.practice.server import background
from tests.pki import ec_key, rsa_key

CA = "ca"
PEOPLE = {
    "director": ("Phạm Quang Đức", "CCCD:001074000006"),
    "director-ec": ("Phạm Quang Đức", "CCCD:001074000006"),
    "customer": ("Đỗ Thị Ánh Tuyết", "CCCD:001192000001"),
    "stranger": ("Nguyễn Văn Lạ", "CCCD:001090000009"),
}
"""Whose keys the service keeps: the practice branch's director and customer, and someone else."""
SCAL2 = True
PENDING = "The previous asynchronous signature request has not been processed yet"

Body = dict[str, Any]
Fault = Callable[[str, Body], "Body | Response"]
"""Makes of what is asked of a method (`signatures/signHash` …) something else, or answers itself."""


def _configuration(folder: Path) -> dict[str, Any]:
    usage = {"id": "key_usage", "critical": True}
    signs = {"schema": "key-usage", "params": ["digital_signature", "non_repudiation"]}
    authority = {"schema": "key-usage", "params": ["key_cert_sign", "crl_sign"]}
    plain = serialization.NoEncryption()
    for label in ("root", *PEOPLE):
        key = ec_key(f"csc {label}") if label.endswith("-ec") else rsa_key(f"csc {label}")
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        (folder / label).write_bytes(pem)
    validity = {"valid-from": "2020-01-01T00:00:00+0000", "valid-to": "2049-01-01T00:00:00+0000"}
    certs: dict[str, Any] = {
        "root": {
            "subject": "root",
            "subject-key": "root",
            "issuer": "root",
            "authority-key": "root",
            "validity": validity,
            "extensions": [
                {"id": "basic_constraints", "critical": True, "value": {"ca": True}},
                {**usage, "smart-value": authority},
            ],
        }
    }
    for label in PEOPLE:
        certs[label] = {"issuer": "root", "validity": validity, "extensions": [{**usage, "smart-value": signs}]}
    entities = {label: {"common-name": name, "user-id": uid} for label, (name, uid) in PEOPLE.items()}
    return {
        "external-url-prefix": "http://127.0.0.1",
        "keysets": {CA: {"keys": {label: {"path": str(folder / label)} for label in certs}}},
        "pki-architectures": {
            CA: {
                "keyset": CA,
                "entity-defaults": {"country-name": "VN", "organization-name": "Chứng thực Thử nghiệm"},
                "entities": {"root": {"common-name": "CA dịch vụ ký từ xa"}, **entities},
                "certs": certs,
            }
        },
    }


@contextmanager
def _server(configuration: CertomancerConfig) -> Iterator[str]:
    """Run certomancer's CSC server in a thread and yield its address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", web.NotAppKeyWarning)  # the server keeps its own things under plain names
        csc = CSCWithCertomancer(configuration, service_params=DummyServiceParams(hash_pinning_required=SCAL2))
    csc.register_routes()
    loop, ready, address = asyncio.new_event_loop(), threading.Event(), []
    runner = web.AppRunner(csc.app, access_log=None)

    async def begin() -> None:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        address.append("http://{}:{}".format(*runner.addresses[0]))
        ready.set()

    def serve() -> None:
        loop.run_until_complete(begin())
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        yield address[0]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


@dataclass
class Door:
    """Stands before the server. Counts what is asked, and is the phone of v2."""

    server: str = ""
    asked: list[str] = field(default_factory=list)
    bodies: list[Body] = field(default_factory=list)
    faults: list[tuple[str, Fault]] = field(default_factory=list)
    confirmed: bool = True
    """What the owner has done on the phone (v2)."""
    declined: bool = False
    explicit: dict[str, str] = field(default_factory=dict)
    """PIN and OTP the service wants, and their right values."""
    _waiting: dict[str, Body] = field(default_factory=dict)
    _made: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def fault(self, method: str, fault: Fault) -> Iterator[None]:
        """Let `fault` befall a method, or all whose name has `method` in it, while the block lasts."""
        one = (method, fault)
        self.faults.append(one)
        try:
            yield
        finally:
            self.faults.remove(one)

    def calls(self, method: str) -> int:
        return self.asked.count(method)

    async def answer(self, request: Request) -> Response:
        method = request.path_params["method"]
        body: Body = await request.json()
        self.asked.append(method)
        self.bodies.append(body)
        for part, fault in self.faults:
            if part in method:
                changed = await asyncio.to_thread(fault, method, body)
                if isinstance(changed, Response):
                    return changed
                body = changed
        if method in ("credentials/sendOTP", "credentials/getChallenge"):
            return Response(status_code=204)
        if request.path_params["version"] == "v2":
            return await self._second(method, body)
        if method == "credentials/authorize" and (problem := self._typed(body)):
            return problem
        status, answer = await self._ask(method, body)
        if method == "credentials/info" and self.explicit and status == 200:
            presence = {name: {"presence": "true", "type": "online"} for name in self.explicit}
            answer = {**answer, "authMode": "explicit", **presence}
        return JSONResponse(answer, status)

    def _typed(self, typed: Body) -> Response | None:
        for name, right in self.explicit.items():
            if typed.get(name) != right:
                told = {"error": f"invalid_{name.lower()}", "error_description": f"The {name} is invalid"}
                return JSONResponse(told, 400)
        return None

    async def _second(self, method: str, body: Body) -> Response:
        """Answer as v2 does, from what the v1 server says."""
        names = {"hashes": "hash", "hashAlgorithmOID": "hashAlgo"}
        first = {names.get(name, name): value for name, value in body.items()}
        if method == "credentials/authorize":
            if problem := self._typed({one["id"]: one["value"] for one in body.get("authData", ())}):
                return problem
            handle = f"h-{len(self._waiting)}"
            self._waiting[handle] = first
            return await self._decided(handle)
        if method == "credentials/authorizeCheck":
            return await self._decided(body["handle"])
        if method == "signatures/signPolling":
            if not self.confirmed:
                return JSONResponse({"error": "invalid_request", "error_description": PENDING}, 400)
            return JSONResponse(self._made[body["requestID"]])
        status, answer = await self._ask(method, first)
        if method == "signatures/signHash" and body.get("operationMode") == "A" and status == 200:
            handle = f"r-{len(self._made)}"
            self._made[handle] = answer
            return JSONResponse({"responseID": handle})
        if method == "credentials/info" and status == 200:
            kinds = {"OTP": "ChallengeResponse"}
            objects = [{"type": kinds.get(name, "Password"), "id": name} for name in self.explicit]
            answer["auth"] = {"mode": "explicit" if objects else answer.pop("authMode"), "objects": objects}
            answer["cert"]["status"] = "valid"
        return JSONResponse(answer, status)

    async def _decided(self, handle: str) -> Response:
        if self.declined:
            told = {"error": "authorization_declined", "error_description": "Khách bấm Từ chối trên điện thoại"}
            return JSONResponse(told, 400)
        if not self.confirmed:
            return JSONResponse({"handle": handle}, 202)
        status, answer = await self._ask("credentials/authorize", self._waiting[handle])
        return JSONResponse(answer, status)

    async def _ask(self, method: str, body: Body) -> tuple[int, Body]:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(f"{self.server}/csc/v1/{method}", json=body)
        if answer.status_code != 200:
            return answer.status_code, {"error": "invalid_request", "error_description": answer.reason_phrase}
        told: Body = answer.json()
        return 200, told


@dataclass(frozen=True)
class RemoteService:
    """The running service."""

    url: str
    door: Door
    architecture: PKIArchitecture = field(repr=False)

    def certificate(self, label: str) -> bytes:
        """Return the certificate of one of PEOPLE, or of the root, as DER."""
        return bytes(self.architecture.get_cert(CertLabel(label)).dump())

    @property
    def root_pem(self) -> bytes:
        body = base64.encodebytes(self.certificate("root"))
        return b"-----BEGIN CERTIFICATE-----\n" + body + b"-----END CERTIFICATE-----\n"


@contextmanager
def running() -> Iterator[RemoteService]:
    """Run the service while the block lasts."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        made = CertomancerConfig(_configuration(folder), key_search_dir=str(folder))
        door = Door(stack.enter_context(_server(made)))
        app = Starlette(routes=[Route("/csc/{version}/{method:path}", door.answer, methods=["POST"])])
        url = stack.enter_context(background(app))
        yield RemoteService(url, door, made.get_pki_arch(ArchLabel(CA)))


@pytest.fixture(scope="session")
def running_service() -> Iterator[RemoteService]:
    """Run the service for the whole session."""
    with running() as service:
        yield service


@pytest.fixture
def remote_service(running_service: RemoteService) -> RemoteService:
    """The service with nothing asked of it yet, on a good day."""
    server = running_service.door.server
    running_service.door.__init__(server)  # type: ignore[misc]  # begins anew
    return running_service


# Bad days


def other_hash(_: str, body: Body) -> Body:
    """Have something else signed."""
    other = base64.b64encode(hashlib.sha256("hợp đồng khác".encode()).digest()).decode()
    return {**body, "hash": [other]} if "hash" in body else body


def other_key(label: str = "stranger") -> Fault:
    """Have somebody else sign."""
    return lambda _, body: {**body, "credentialID": f"{CA}/{label}"}


def html(_: str, __: Body) -> Response:
    """Answer a login page with status 200."""
    return HTMLResponse("<!doctype html><title>Đăng nhập</title><h1>Đăng nhập hệ thống</h1>")


def status(code: int, told: Body | None = None) -> Fault:
    """Answer an HTTP status."""
    return lambda _, __: JSONResponse(told, code) if told else Response("Loi may chu", code)


def silent(seconds: float) -> Fault:
    """Answer nothing for so long."""

    def wait(_: str, body: Body) -> Body:
        threading.Event().wait(seconds)
        return body

    return wait


def meanwhile(happens: Callable[[], None]) -> Fault:
    """Answer after something has happened."""

    def wait(_: str, body: Body) -> Body:
        happens()
        return body

    return wait
