"""The remote signing port over the public eSign gateway (NĐ 23/2025/NĐ-CP, Điều 44; TT 15/2025/TT-BKHCN, Annex III).

JSON over POST, HTTP/1.1 over TLS 1.2 or higher, the caller told by sp_id and sp_password or by a token. The shapes are
those of the sp_id/sp_password interface the public services share; addresses are settings, see docs/ky-tu-xa.md.
"""

from __future__ import annotations

import binascii
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx

from adapters import web
from adapters.masking import excerpt, words
from adapters.remote_signing import gateway_shapes as shapes
from adapters.remote_signing.gateway_shapes import State
from kernel.api.errors import (
    AdapterAnswerInvalid,
    AdapterError,
    AdapterRefused,
    AdapterUnavailable,
    RemoteAccountRefused,
    RemoteCertificateUnusable,
    RemoteConfirmationExpired,
    RemoteKeyNotAuthorised,
    RemoteSigningFailed,
)
from kernel.api.ports import (
    RemoteAnswer,
    RemoteCredential,
    RemoteDeclined,
    RemoteRequest,
    RemoteSigned,
    RemoteWaiting,
)

SYSTEM = "eSign"
HOST = "https://esign.neac.gov.vn"

_STRANGE = (KeyError, ValueError, TypeError, AttributeError, binascii.Error)
_ENDS: Mapping[State, type[AdapterError]] = {
    State.EXPIRED: RemoteConfirmationExpired,
    State.KEY_NOT_AUTHORISED: RemoteKeyNotAuthorised,
    State.FAILED: RemoteSigningFailed,
}
_REFUSES: Mapping[int, type[AdapterError]] = {401: RemoteAccountRefused, 403: RemoteCertificateUnusable}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the gateway's calls are. `status` holds {tran_code} or {transaction_id}."""

    base: str = HOST
    certificates: str = "/v1/credentials/get_certificate"
    sign: str = "/v1/signatures/sign"
    status: str = "/v1/signatures/sign/{tran_code}/status"


class Gateway:
    """RemoteSigningPort over the gateway. Safe to use from several threads: it holds no state of its own.

    `account` is put into every body (sp_id, sp_password); `token` goes into the header instead of a password.
    """

    def __init__(
        self,
        client: httpx.Client,
        place: Place,
        account: Mapping[str, str],
        *,
        token: str = "",
        user_id: str = "{identity}",
        rsa_mechanism: str = "rsa-sha256",
    ) -> None:
        self._client, self._place, self._account = client, place, dict(account)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._user_id, self._rsa = user_id, rsa_mechanism

    @classmethod
    def from_settings(cls, values: Mapping[str, object]) -> Gateway:
        """Build from the options of the service. Opens no line. Raises AdapterMisconfigured."""
        settings = web.Settings(SYSTEM, "signing.remote.options", values)
        usual = Place()
        place = Place(
            _secure(settings, settings.url("base_url", HOST)).rstrip("/"),
            settings.text("certificates_path", usual.certificates),
            settings.text("sign_path", usual.sign),
            settings.text("status_path", usual.status),
        )
        user_id = settings.text("user_id", "{identity}")
        _expect_pattern(settings, "status_path", place.status, tran_code="", transaction_id="")
        _expect_pattern(settings, "user_id", user_id, identity="")
        rsa = settings.text("rsa_mechanism", "rsa-sha256")
        if rsa not in ("rsa-sha256", "pss-sha256"):
            raise settings.wrong("rsa_mechanism", "rsa-sha256, pss-sha256")
        token, password = settings.text("token", ""), settings.text("sp_password", "")
        if bool(token) == bool(password):
            raise settings.wrong("sp_password", "either sp_password or token")
        sp_id = settings.text("sp_id", "" if token else None)
        account = {name: value for name, value in (("sp_id", sp_id), ("sp_password", password)) if value}
        return cls(web.http_client(settings), place, account, token=token, user_id=user_id, rsa_mechanism=rsa)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def about(self) -> str:
        """See RemoteSigningPort: no call is known for it, so this tells that the host answers, and by which TLS."""
        host = urlsplit(self._place.base).netloc
        try:
            with self._client.stream("GET", self._place.base) as response:
                line = response.extensions["network_stream"].get_extra_info("ssl_object")
                version = line.version() if line is not None else "HTTP"
        except httpx.HTTPError as error:
            raise web.unavailable(SYSTEM, host, error) from error
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise AdapterUnavailable(system=SYSTEM, endpoint=host, detail=f"HTTP {response.status_code}")
        return f"{host} ({version})"

    def credentials(self, people: Sequence[str]) -> Sequence[RemoteCredential]:
        """See RemoteSigningPort."""
        found: list[RemoteCredential] = []
        for user in dict.fromkeys(self._user_id.format(identity=person) for person in people):
            body = {"user_id": user, "serial_number": "", "transaction_id": str(uuid.uuid4())}
            told = self._call(self._place.certificates, body)
            with _reading(self._place.certificates):
                found += shapes.credentials(told["data"], user, self._rsa)
        return found

    def send_code(self, credential: str, secret: str) -> None:
        """See RemoteSigningPort: the owner confirms on the phone, so no key of the gateway has a code to send."""
        del credential
        raise AdapterRefused(system=SYSTEM, endpoint="send_code", detail=words(secret, 40))

    def begin(self, request: RemoteRequest, secrets: Mapping[str, str]) -> RemoteAnswer:
        """See RemoteSigningPort. Nothing is typed here for these keys, so `secrets` is empty."""
        del secrets
        path = self._place.sign
        told = self._call(path, shapes.sign_body(request, words(request.description), datetime.now(UTC)))
        with _reading(path):
            state = shapes.state(told)
            if state is State.WAITING:
                return RemoteWaiting(shapes.handle(told["data"], request.id))
        return self._ended(request, path, state, told)

    def collect(self, request: RemoteRequest, handle: str) -> RemoteAnswer:
        """See RemoteSigningPort."""
        path = self._place.status.format(tran_code=handle, transaction_id=request.id)
        told = self._call(path, {})
        with _reading(path):
            state = shapes.state(told)
        return RemoteWaiting(handle) if state is State.WAITING else self._ended(request, path, state, told)

    def cancel(self, request: RemoteRequest, handle: str) -> None:
        """See RemoteSigningPort: the interface has no such call; what is not confirmed lapses in about 5 minutes."""

    def _ended(self, request: RemoteRequest, path: str, state: State, told: Mapping[str, Any]) -> RemoteAnswer:
        """Return what a transaction that waits no more came to. Raises the errors of `_ENDS`."""
        detail = f"{state.value} {excerpt(str(told.get('message', '')))}".rstrip()
        if state is State.DECLINED:
            return RemoteDeclined(detail)
        if state in _ENDS:
            raise _ENDS[state](system=SYSTEM, endpoint=path, detail=detail)
        with _reading(path):
            if told["data"]["transaction_id"] != request.id:
                raise ValueError("transaction_id of another request")
            return RemoteSigned(shapes.signatures(told["data"], shapes.document_ids(request)))

    def _call(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            response = self._client.post(self._place.base + path, json={**self._account, **body}, headers=self._headers)
        except httpx.HTTPError as error:
            raise web.unavailable(SYSTEM, path, error) from error
        return _judged(path, response)


def _secure(settings: web.Settings, address: str) -> str:
    """Return an address that may be used: https, or http to this very machine. Raises AdapterMisconfigured."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not _loopback(parts.hostname or ""):
        raise settings.wrong("base_url", "not https:// (TLS ≥ 1.2)")
    return address


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _expect_pattern(settings: web.Settings, name: str, pattern: str, **known: str) -> None:
    try:
        pattern.format(**known)
    except (KeyError, ValueError, IndexError) as error:
        raise settings.wrong(name, f"a placeholder other than {', '.join(known)}") from error


@contextmanager
def _reading(path: str) -> Iterator[None]:
    """Tell whatever a strange answer makes of the code that reads it as AdapterAnswerInvalid."""
    try:
        yield
    except _STRANGE as error:
        detail = f"{type(error).__name__}: {excerpt(str(error))}"
        raise AdapterAnswerInvalid(system=SYSTEM, endpoint=path, detail=detail) from error


def _judged(path: str, response: httpx.Response) -> Mapping[str, Any]:
    """Return the envelope of an answer that is a yes or a state. Raises AdapterError's children.

    A refusal may stand in the HTTP status or, under HTTP 200, in the envelope's own `status_code`.
    """
    told, code = _object(response), response.status_code
    inner = (told or {}).get("status_code")
    if code == httpx.codes.OK and isinstance(inner, int) and 400 <= inner < 600:
        code = inner
    detail = f"HTTP {code} {excerpt(str((told or {}).get('message', '')))}".rstrip()
    if told is not None and code in _REFUSES:
        raise _REFUSES[code](system=SYSTEM, endpoint=path, detail=detail)
    if code >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise AdapterUnavailable(system=SYSTEM, endpoint=path, detail=detail)
    web.check_status(SYSTEM, path, response)
    if told is None:
        strange = excerpt(response.text) or f"HTTP {code}"
        raise AdapterAnswerInvalid(system=SYSTEM, endpoint=path, detail=strange)
    if code >= httpx.codes.BAD_REQUEST:
        raise AdapterRefused(system=SYSTEM, endpoint=path, detail=detail)
    return told


def _object(response: httpx.Response) -> Mapping[str, Any] | None:
    try:
        told = response.json()
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None
