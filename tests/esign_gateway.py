"""A model of the public eSign gateway for the tests: real HTTP(S), real keys, transactions that wait for a phone.

What Annex III itself says is not public here: the model speaks the sp_id/sp_password interface that
`adapters.remote_signing.gateway` describes. The test is the signer's phone (`Model.phone`).
"""

from __future__ import annotations

import base64
import json
import ssl
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from adapters.remote_signing.gateway_shapes import State
from kernel.signing.mechanism import Mechanism
from tests.pki import DAY, NOW, Authority, SoftwareSigner, ec_key, key_usage, make_pki, rsa_key, subject

SP_ID, SP_PASSWORD, TOKEN = "4185-dien-luc.apps", "NGNh-mật-khẩu", "the-truy-cap-cua-don-vi"
PEOPLE = {
    "director": ("Phạm Quang Đức", "001074000006", Mechanism.RSA_SHA256),
    "director-ec": ("Phạm Quang Đức", "001074000006", Mechanism.ECDSA_SHA256),
    "customer": ("Đỗ Thị Ánh Tuyết", "001192000001", Mechanism.RSA_SHA256),
    "stranger": ("Nguyễn Văn Lạ", "001090000009", Mechanism.RSA_SHA256),
}
"""Whose keys the gateway reaches: the practice branch's director and customer, and someone else."""

Body = dict[str, Any]
Answer = tuple[int, bytes]
Fault = Callable[[str, Body], "Body | Answer"]
"""Makes of what is asked something else, or answers itself."""

_WORDS = {
    State.WAITING: "WAITING_FOR_SIGNER_CONFIRM",
    State.EXPIRED: "EXPIRED",
    State.DECLINED: "SIGNER_REJECTED",
    State.KEY_NOT_AUTHORISED: "AUTHORIZE_KEY_FAILED",
    State.FAILED: "SIGN_FAILED",
}


def told(status: int, message: str, data: Body | None = None, *, http: int | None = None) -> Answer:
    """Return an envelope."""
    envelope = {"status_code": status, "message": message, "data": data}
    return http or status, json.dumps(envelope, ensure_ascii=False).encode()


@dataclass
class Transaction:
    asked: Body
    state: State = State.WAITING
    signer: str = ""


@dataclass
class Model:
    """The gateway's memory, and the phones of those whose keys it reaches."""

    signers: dict[str, SoftwareSigner]
    trust_pem: bytes
    """The root above the keys, and the revocation lists."""
    url: str = ""
    pss: bool = False
    asked: list[tuple[str, dict[str, str], Body]] = field(default_factory=list)
    faults: list[tuple[str, Fault]] = field(default_factory=list)
    transactions: dict[str, Transaction] = field(default_factory=dict)
    signs_with: str = ""
    """Whose key signs instead of the one asked for."""

    def phone(self, decision: State) -> None:
        """Let the owners decide, on everything that waits."""
        for one in self.transactions.values():
            if one.state is State.WAITING:
                one.state = decision

    def calls(self, path: str) -> int:
        return sum(path in one for one, _, _ in self.asked)

    def serial(self, label: str) -> str:
        return f"{x509.load_der_x509_certificate(self.signers[label].certificate).serial_number:x}"

    def key(self, label: str) -> str:
        """Return the id of a key as the adapter tells it."""
        return f"{PEOPLE[label][1]}/{self.serial(label)}"

    @contextmanager
    def fault(self, path: str, fault: Fault) -> Iterator[None]:
        """Let `fault` befall the calls with `path` in their path while the block lasts."""
        one = (path, fault)
        self.faults.append(one)
        try:
            yield
        finally:
            self.faults.remove(one)

    def answer(self, path: str, headers: dict[str, str], body: Body) -> Answer:
        self.asked.append((path, headers, body))
        for part, fault in self.faults:
            if part in path:
                changed = fault(path, body)
                if isinstance(changed, tuple):
                    return changed
                body = changed
        by_token = headers.get("authorization") == f"Bearer {TOKEN}"
        if not by_token and (body.get("sp_id"), body.get("sp_password")) != (SP_ID, SP_PASSWORD):
            return told(401, "SP_CREDENTIAL_INVALID")
        if path == "/v1/credentials/get_certificate":
            return self._certificates(body)
        if path == "/v1/signatures/sign":
            return self._begin(body)
        if path.startswith("/v1/signatures/sign/") and path.endswith("/status"):
            return self._status(path.split("/")[-2])
        return told(404, "NOT_FOUND")

    def _certificates(self, body: Body) -> Answer:
        found = [
            {
                "cert_id": label,
                "serial_number": self.serial(label),
                "cert_data": base64.b64encode(signer.certificate).decode(),
                "chain_data": {
                    "ca_cert": base64.b64encode(signer.chain[0]).decode(),
                    "root_cert": base64.b64encode(signer.chain[1]).decode(),
                },
            }
            for label, signer in self.signers.items()
            if PEOPLE[label][1] == body["user_id"]
        ]
        return told(200, "SUCCESS", {"transaction_id": body["transaction_id"], "user_certificates": found or None})

    def _begin(self, body: Body) -> Answer:
        label = next((one for one in self.signers if self.key(one) == f"{body['user_id']}/{body['serial_number']}"), "")
        if not label:
            return told(403, "CREDENTIAL_STATUS_INVALID")
        datetime.strptime(body["time_stamp"], "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
        if any(one["sign_type"] != "hash" or len(one["data_to_be_signed"]) != 64 for one in body["sign_files"]):
            return told(400, "BAD_REQUEST")
        same = [
            code for code, one in self.transactions.items() if one.asked["transaction_id"] == body["transaction_id"]
        ]
        code = same[0] if same else str(uuid.uuid4())
        self.transactions.setdefault(code, Transaction(body, signer=label))
        data = {"transaction_id": body["transaction_id"], "tran_code": code}
        return told(200, "sig_wait_for_user_confirm", data)

    def _status(self, code: str) -> Answer:
        found = self.transactions.get(code)
        if found is None:
            return told(400, "TRANSACTION_NOT_FOUND")
        if found.state is not State.SIGNED:
            return told(found.state.value, _WORDS[found.state], {"tran_code": code}, http=200)
        signer = self.signers[self.signs_with or found.signer]
        made = [
            {"doc_id": one["doc_id"], "signature_value": self._signature(signer, one["data_to_be_signed"])}
            for one in found.asked["sign_files"]
        ]
        return told(200, "SUCCESS", {"transaction_id": found.asked["transaction_id"], "signatures": made})

    def _signature(self, signer: SoftwareSigner, digest: str) -> str:
        sha256 = hashes.SHA256()
        if isinstance(signer.key, ec.EllipticCurvePrivateKey):
            made = signer.key.sign(bytes.fromhex(digest), ec.ECDSA(Prehashed(sha256)))
        else:
            how = padding.PSS(padding.MGF1(sha256), sha256.digest_size) if self.pss else padding.PKCS1v15()
            made = signer.key.sign(bytes.fromhex(digest), how, Prehashed(sha256))
        return base64.b64encode(made).decode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    model: Model

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._send(*self.model.answer(self.path, headers, body))

    def do_GET(self) -> None:
        self.model.asked.append((self.path, {}, {}))
        fault = next((fault for part, fault in self.model.faults if part == "GET"), None)
        answered = fault(self.path, {}) if fault else (404, b"")
        assert isinstance(answered, tuple)
        self._send(*answered)

    def _send(self, status: int, content: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("content-type", "application/json; charset=utf-8")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            self.close_connection = True  # the other side did not wait

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's own name
        """Say nothing: the lines would stand in the tests' output."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True


def new_model() -> Model:
    """Return a gateway that nobody has asked anything."""
    pki = make_pki("cổng eSign")
    signers = {
        label: pki.issuing.person(
            name, uid=f"CCCD:{number}", mechanism=mechanism, since=NOW - 100 * DAY, until=NOW + 1000 * DAY
        )
        for label, (name, number, mechanism) in PEOPLE.items()
    }
    return Model(signers, pki.trust_pem())


@contextmanager
def serving(model: Model, tls: ssl.SSLContext | None = None) -> Iterator[Model]:
    """Serve a gateway on loopback while the block lasts, over TLS where a context is given."""
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"model": model}))
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    model.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def server_tls(folder: Path, host: str = "127.0.0.1") -> tuple[ssl.SSLContext, Path]:
    """Return a context for a server with a real certificate for `host`, and the file of the CA to trust it by."""
    name, key = subject("CA máy chủ"), rsa_key("tls ca")
    seed = Authority(name, key, None)  # type: ignore[arg-type]  # signs its own certificate next
    own = seed.issue(name, key, usage=key_usage(key_cert_sign=True, crl_sign=True), ca=True)
    server = ec_key("tls server")
    made = (
        x509.CertificateBuilder()
        .subject_name(subject("Cổng eSign"))
        .issuer_name(name)
        .public_key(server.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, ca_file = folder / "server.pem", folder / "ca.pem"
    private = server.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    ca_file.write_bytes(own.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context, ca_file


def section(model: Model, **changes: str) -> str:
    """Return the settings of a branch that has the gateway switched on; `changes` are TOML values of its options."""
    options = {
        "base_url": f'"{model.url}"',
        "sp_id": f'"{SP_ID}"',
        "sp_password": f'"{SP_PASSWORD}"',
        "timeout": "1.5",
        **changes,
    }
    written = ", ".join(f"{name} = {value}" for name, value in options.items())
    return (
        '\n[[signing.remote]]\nid = "esign"\ntitle = "Cổng eSign"\nadapter = "esign"\n'
        f'purposes = ["khach_hang", "nguoi_ky"]\nroles = ["GDV", "GD"]\noptions = {{ {written} }}\n'
    )
