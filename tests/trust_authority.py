"""A public CA for the tests: certomancer's time stamps, OCSP and revocation lists over HTTP, and a bad day on demand.

One a session: ask for the fixture `trust_authority`. Its certificates stand in `trust_authority.yml`.
"""

from __future__ import annotations

import base64
import dataclasses
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

import pytest
import yaml
from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig, PKIArchitecture
from certomancer.registry.issued.general import RevocationStatus
from cryptography.hazmat.primitives import serialization
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app

from kernel.signing.mechanism import Mechanism
from kernel.signing.trust import Trust
from tests.pki import SoftwareSigner, ec_key, rsa_key

if TYPE_CHECKING:
    from tests.pki import PrivateKey

CA = "ca"
KEYS = ("root", "issuing", "tsa", "signer", "seal")
"""RSA keys; the others are on P-256."""
CURVED = ("responder", "tsa-second", "stranger")
CLOCK = "HTTP_X_CERTOMANCER_FAKE_TIME"
POLICY = "1.3.6.1.4.1.4146.2.3"
"""What certomancer's time stamps are given under."""


@dataclass(frozen=True)
class Answer:
    """What a service says: `pause` seconds before each byte of the body where it drips."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes
    pause: float = 0
    cut: bool = False
    """The connection ends where the body does, whatever length was told."""


Fault = Callable[[Answer], "Answer | None"]
"""Makes of a right answer what is heard; None hangs up."""


def down(_: Answer) -> None:
    """Hang up unheard."""


def html(_: Answer) -> Answer:
    """Answer a login page with status 200."""
    page = "<!doctype html><title>Đăng nhập</title><h1>Đăng nhập mạng nội bộ</h1>".encode()
    return Answer("200 OK", [("Content-Type", "text/html; charset=utf-8")], page)


def status(line: str) -> Fault:
    """Answer an HTTP status and a page of words."""
    return lambda _: Answer(line, [("Content-Type", "text/plain")], b"Loi may chu")


def truncated(right: Answer) -> Answer:
    """Break the line in the middle of the answer."""
    told = [("Content-Type", "application/octet-stream"), ("Content-Length", str(len(right.body)))]
    return Answer(right.status, told, right.body[: len(right.body) // 2], cut=True)


def slow(seconds: float) -> Fault:
    """Hold the answer back."""

    def held(right: Answer) -> Answer:
        time.sleep(seconds)
        return right

    return held


def dripping(pause: float) -> Fault:
    """Answer byte by byte, `pause` seconds before each."""
    return lambda right: dataclasses.replace(right, pause=pause)


def changed(change: Callable[[bytes], bytes]) -> Fault:
    """Answer a changed body."""
    return lambda right: dataclasses.replace(right, body=change(right.body))


class Door:
    """Stands before the services: sets their clock, counts what is asked, lets a bad day in."""

    def __init__(self) -> None:
        self.services: Animator | None = None
        self._faults: list[tuple[str, Fault]] = []
        self._instead: list[tuple[str, str]] = []
        self.moment: datetime | None = None
        self.asked: list[str] = []
        self.proxied: list[str] = []
        self.conditions: list[str] = []
        """If-Modified-Since of the requests that came with one."""
        self.accounts: list[tuple[str, str]] = []
        """User and password of the requests that came with some."""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = str(environ["PATH_INFO"])
        self.asked.append(path)
        if str(environ["RAW_URI"]).startswith("http://"):  # the absolute form, RFC 9112, 3.2.2
            self.proxied.append(path)
        self.conditions += [environ["HTTP_IF_MODIFIED_SINCE"]] if "HTTP_IF_MODIFIED_SINCE" in environ else []
        scheme, _, word = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
        if scheme == "Basic":
            user, _, password = base64.b64decode(word).decode().partition(":")
            self.accounts.append((user, password))
        if self.moment is not None:
            environ[CLOCK] = self.moment.isoformat()
        assert self.services is not None
        for part, other in self._instead:
            environ["PATH_INFO"] = str(environ["PATH_INFO"]).replace(part, other)
        body, line, headers = run_wsgi_app(self.services, environ, buffered=True)
        answer: Answer | None = Answer(line, list(headers.items()), b"".join(body))
        for part, fault in self._faults:
            if part in path and answer is not None:
                answer = fault(answer)
        if answer is None:
            cast("socket.socket", environ["werkzeug.socket"]).shutdown(socket.SHUT_RDWR)
            raise ConnectionResetError
        kept = [one for one in answer.headers if one[0].casefold() != "content-length" or answer.cut]
        start_response(answer.status, kept if answer.cut else [*kept, ("Content-Length", str(len(answer.body)))])
        return _dripped(answer) if answer.pause else (answer.body,)

    @contextmanager
    def fault(self, part: str, fault: Fault) -> Iterator[None]:
        """Let `fault` befall every answer of a path with `part` in it while the block lasts."""
        one = (part, fault)
        self._faults.append(one)
        try:
            yield
        finally:
            self._faults.remove(one)

    @contextmanager
    def instead(self, part: str, other: str) -> Iterator[None]:
        """Let another service answer at an address with `part` in it while the block lasts."""
        one = (part, other)
        self._instead.append(one)
        try:
            yield
        finally:
            self._instead.remove(one)

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Set the clock of every service while the block lasts."""
        before, self.moment = self.moment, moment
        try:
            yield
        finally:
            self.moment = before


def _dripped(answer: Answer) -> Iterator[bytes]:
    for one in answer.body:
        time.sleep(answer.pause)
        yield bytes([one])


class _Quiet(WSGIRequestHandler):
    """Says nothing of requests, nor of a client that did not wait."""

    def log(self, *args: object, **kwargs: object) -> None:
        """Say nothing."""

    def run_wsgi(self) -> None:
        try:
            super().run_wsgi()
        except (ConnectionError, OSError):
            return


@contextmanager
def served(app: Callable[..., Iterable[bytes]], tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve a WSGI application on loopback and yield its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet, ssl_context=tls)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True)
class TrustAuthority:
    """The running services and what their certificates are made with."""

    url: str
    proxy_url: str
    """An HTTP proxy in front of them."""
    door: Door
    architecture: PKIArchitecture = field(repr=False)

    def tsa_url(self, name: str = "first") -> str:
        """Return the address of a time-stamping authority of the .yml."""
        return f"{self.url}/{CA}/tsa/{name}"

    def ocsp_url(self, name: str = "issuing") -> str:
        return f"{self.url}/{CA}/ocsp/{name}"

    def crl_url(self, name: str = "issuing") -> str:
        return f"{self.url}/{CA}/crls/{name}/latest.crl"

    def certificate(self, label: str) -> bytes:
        """Return a certificate of the .yml as DER."""
        return bytes(self.architecture.get_cert(CertLabel(label)).dump())

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The issuing CA and the root."""
        return self.certificate("issuing"), self.certificate("root")

    @property
    def trust(self) -> Trust:
        """Trust in the root: of signers and of time stamps."""
        return Trust(roots=(self.certificate("root"),), intermediates=(self.certificate("issuing"),))

    def signer(self, like: str = "signer", **changes: Any) -> SoftwareSigner:
        """Issue a certificate of its own, made like one of the .yml, whose AIA and CDP point to these services."""
        issued = self.architecture
        # certomancer issues what its file names; a test that revokes must not disturb the next
        specs: dict[CertLabel, Any] = issued._cert_specs
        label = CertLabel(f"{like}-{len(specs)}")
        spec = dataclasses.replace(specs[CertLabel(like)], label=label, serial=90_000 + len(specs), **changes)
        specs[label] = spec
        issued._cert_labels_by_issuer[spec.issuer].append(label)
        key = _key(str(spec.subject_key))
        return SoftwareSigner(self.certificate(str(label)), self.chain, Mechanism.RSA_SHA256, key)

    def revoke(self, certificate: bytes, at: datetime | None = None) -> None:
        """Revoke a certificate (DER) of the .yml or of `signer()`, two hours ago unless said.

        The hourly list then has it already.
        """
        moment = (at or datetime.now(UTC) - timedelta(hours=2)).replace(microsecond=0)
        specs: dict[CertLabel, Any] = self.architecture._cert_specs
        [label] = [label for label in specs if self.certificate(str(label)) == certificate]
        specs[label] = dataclasses.replace(specs[label], revocation=RevocationStatus(moment))

    @contextmanager
    def revoked(self, label: str) -> Iterator[None]:
        """Let a certificate of the .yml be revoked while the block lasts."""
        specs: dict[CertLabel, Any] = self.architecture._cert_specs
        before = specs[CertLabel(label)]
        self.revoke(self.certificate(label))
        try:
            yield
        finally:
            specs[CertLabel(label)] = before


def _key(label: str) -> PrivateKey:
    return ec_key(f"trust authority {label}") if label in CURVED else rsa_key(f"trust authority {label}")


def _configuration(folder: Path, url: str) -> dict[str, Any]:
    """Return the .yml with keys in `folder` and its years as dates."""
    read = cast("dict[str, Any]", yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8")))
    plain = serialization.NoEncryption()
    for label in (*KEYS, *CURVED):
        pem = _key(label).private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        (folder / label).write_bytes(pem)
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    for certificate in read["pki-architectures"][CA]["certs"].values():
        since, until = (now + timedelta(days=365.25 * years) for years in certificate.pop("years"))
        certificate["validity"] = {"valid-from": since.isoformat(), "valid-to": until.isoformat()}
    keys = {label: {"path": str(folder / label)} for label in (*KEYS, *CURVED)}
    return {**read, "external-url-prefix": url, "keysets": {CA: {"keys": keys}}}


@contextmanager
def running() -> Iterator[TrustAuthority]:
    """Run the services while the block lasts."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        door = Door()
        # the address stands in the certificates, so the door opens before the services are there
        url = stack.enter_context(served(door))
        proxy_url = stack.enter_context(served(door))
        made = CertomancerConfig(_configuration(folder, url), key_search_dir=str(folder))
        architectures = {ArchLabel(CA): made.get_pki_arch(ArchLabel(CA))}
        door.services = Animator(AnimatorArchStore(architectures), with_web_ui=False)
        yield TrustAuthority(url, proxy_url, door, architectures[ArchLabel(CA)])


@pytest.fixture(scope="session")
def trust_authority() -> Iterator[TrustAuthority]:
    """Run the services for the whole session."""
    with running() as authority:
        yield authority
