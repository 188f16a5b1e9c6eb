"""The remote signing port over the API of the Cloud Signature Consortium, v1.0.4.0 and v2.0."""

from __future__ import annotations

import base64
import binascii
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, cast

import httpx

from adapters import web
from adapters.masking import excerpt, words
from adapters.remote_signing import shapes
from kernel.api.errors import AdapterAnswerInvalid, AdapterRefused, AdapterUnavailable
from kernel.api.ports import (
    RemoteAnswer,
    RemoteCredential,
    RemoteDeclined,
    RemoteRequest,
    RemoteSigned,
    RemoteWaiting,
)

SYSTEM = "CSC"
ACCEPTED = 202
"""The owner is still being asked (v2)."""

_PAGES = 20
_STILL_AT_IT = "previous asynchronous signature request"
_DECLINED = frozenset({"access_denied", "authorization_declined", "user_declined", "consent_denied"})
_ASKS_OWNER = frozenset(
    {"credentials/authorize", "credentials/authorizeCheck", "signatures/signHash", "signatures/signPolling"}
)
_REFUSED = frozenset({400, 401, 403, 404})
_STRANGE = (KeyError, ValueError, TypeError, AttributeError, binascii.Error)
_TOKEN_MARGIN = 30
"""Seconds before its end at which an access token is renewed."""

Login = Literal["none", "basic", "oauth2"]


class CscService:
    """RemoteSigningPort over CSC. Safe to use from several threads.

    `options`: base_url (what stands before /csc/v1); version; user_id, a pattern as `CMT_{identity}` for services that
    hold many people's keys; and to sign in either token, or login (`basic`: auth/login, `oauth2`: client credentials)
    with client_id and client_secret. The SAD never leaves this object: it is used once, at once.
    """

    def __init__(
        self,
        client: httpx.Client,
        base_url: str,
        version: shapes.Version,
        *,
        token: str = "",
        login: Login = "none",
        account: tuple[str, str] = ("", ""),
        user_id: str = "",
        client_data: str = "",
        asynchronous: bool = False,
    ) -> None:
        self._client = client
        self._base = base_url.rstrip("/")
        self._version = version
        self._token, self._token_until = token, float("inf") if token else 0.0
        self._login, self._account = login, account
        self._user_id, self._client_data, self._asynchronous = user_id, client_data, asynchronous
        self._signing_in = threading.Lock()

    @classmethod
    def from_settings(cls, values: Mapping[str, object]) -> CscService:
        """Build from the options of the service. Raises AdapterMisconfigured."""
        settings = web.Settings(SYSTEM, "signing.remote.options", values)
        version, login = settings.text("version", "v1"), settings.text("login", "none")
        if version not in ("v1", "v2"):
            raise settings.wrong("version", "v1, v2")
        if login not in ("none", "basic", "oauth2"):
            raise settings.wrong("login", "none, basic, oauth2")
        account = ("", "") if login == "none" else (settings.text("client_id"), settings.text("client_secret"))
        user_id = settings.text("user_id", "")
        try:
            user_id.format(identity="")
        except (KeyError, ValueError, IndexError) as error:
            raise settings.wrong("user_id", "a placeholder other than identity") from error
        return cls(
            web.http_client(settings),
            settings.url("base_url"),
            cast("shapes.Version", version),
            token=settings.text("token", ""),
            login=cast("Login", login),
            account=account,
            user_id=user_id,
            client_data=settings.text("client_data", ""),
            asynchronous=bool(values.get("asynchronous", False)),
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def about(self) -> str:
        """See RemoteSigningPort."""
        told = self._call("info", {})[1]
        return words(f"{told.get('name', '')} {told.get('specs', '')}", 120)

    def credentials(self, people: Sequence[str]) -> Sequence[RemoteCredential]:
        """See RemoteSigningPort."""
        users = [self._user_id.format(identity=person) for person in people] if self._user_id else [""]
        listed = dict.fromkeys(credential_id for user in users for credential_id in self._listed(user))
        found = (self._credential(one) for one in listed)
        return [one for one in found if one is not None]

    def send_code(self, credential: str, secret: str) -> None:
        """See RemoteSigningPort."""
        if self._version == "v1":
            self._call("credentials/sendOTP", {"credentialID": credential}, silent=True)
        else:
            body = {"credentialID": credential, "authObjectID": secret}
            self._call("credentials/getChallenge", body, silent=True)

    def _listed(self, user: str) -> list[str]:
        body: dict[str, Any] = {"userID": user} if user else {}
        listed: list[str] = []
        for _ in range(_PAGES):
            _, answer = self._call("credentials/list", body)
            with _reading("credentials/list"):
                listed += [str(one) for one in answer["credentialIDs"]]
            page = answer.get("nextPageToken")
            if not page:
                break
            body = {**body, "pageToken": page}
        return listed

    def begin(self, request: RemoteRequest, secrets: Mapping[str, str]) -> RemoteAnswer:
        """See RemoteSigningPort."""
        body = shapes.authorise_body(self._version, request.credential, request.mechanism, request.hashes, secrets) | {
            "description": words(request.description)
        }
        try:
            return self._authorised(request, *self._call("credentials/authorize", body))
        except _Declined as error:
            return RemoteDeclined(error.detail)

    def collect(self, request: RemoteRequest, handle: str) -> RemoteAnswer:
        """See RemoteSigningPort."""
        kind, _, told = handle.partition(":")
        try:
            if kind == "authorise":
                return self._authorised(request, *self._call("credentials/authorizeCheck", {"handle": told}))
            status, answer = self._call("signatures/signPolling", {"requestID": told}, patient=True)
        except _Declined as error:
            return RemoteDeclined(error.detail)
        return RemoteWaiting(handle) if status == ACCEPTED else self._signed(request, answer)

    def cancel(self, request: RemoteRequest, handle: str) -> None:
        """See RemoteSigningPort: the API has no such call; what is not collected lapses."""

    def _credential(self, credential_id: str) -> RemoteCredential | None:
        answer = self._info_of(credential_id)
        with _reading("credentials/info"):
            return shapes.credential(credential_id, answer, self._version)

    def _info_of(self, credential_id: str) -> Mapping[str, Any]:
        body = {"credentialID": credential_id, "certificates": "chain", "certInfo": False, "authInfo": True}
        return self._call("credentials/info", body)[1]

    def _authorised(self, request: RemoteRequest, status: int, answer: Mapping[str, Any]) -> RemoteAnswer:
        """Sign as soon as the service gives the SAD; wait while it asks the owner."""
        if status == ACCEPTED or "SAD" not in answer:
            with _reading("credentials/authorize"):
                return RemoteWaiting(f"authorise:{answer['handle']}")
        with _reading("credentials/info"):
            algorithms = self._info_of(request.credential)["key"]["algo"]
            algorithm = shapes.sign_algorithm(algorithms, request.mechanism)
        body = shapes.sign_body(
            self._version, request.credential, str(answer["SAD"]), request.mechanism, algorithm, request.parameters,
            request.hashes,
        )  # fmt: skip
        if self._asynchronous:
            body["operationMode"] = "A"
        _, made = self._call("signatures/signHash", body)
        if "responseID" in made:
            return RemoteWaiting(f"sign:{made['responseID']}")
        return self._signed(request, made)

    def _signed(self, request: RemoteRequest, answer: Mapping[str, Any]) -> RemoteSigned:
        with _reading("signatures/signHash"):
            return RemoteSigned(shapes.signatures(answer, len(request.hashes)))

    def _call(
        self, method: str, body: dict[str, Any], *, patient: bool = False, silent: bool = False
    ) -> tuple[int, Mapping[str, Any]]:
        """Return status and object of an answer.

        `patient`: that there is no answer yet is one, with status 202. `silent`: one without words says yes.
        """
        if self._client_data and method != "info":
            body = {**body, "clientData": self._client_data}
        response = self._post(method, body)
        if response.status_code == httpx.codes.UNAUTHORIZED and self._login != "none":
            self._token_until = 0.0  # revoked before its time: once anew
            response = self._post(method, body)
        if silent and response.status_code == httpx.codes.NO_CONTENT:
            return response.status_code, {}
        return _judged(method, response, patient=patient)

    def _post(self, method: str, body: Mapping[str, Any]) -> httpx.Response:
        token = self._access_token() if method != "info" else ""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            return self._client.post(f"{self._base}/csc/{self._version}/{method}", json=body, headers=headers)
        except httpx.HTTPError as error:
            raise web.unavailable(SYSTEM, method, error) from error

    def _access_token(self) -> str:
        """Return the access token, signing in where there is none or it ends."""
        if self._login == "none":
            return self._token
        with self._signing_in:
            if time.monotonic() >= self._token_until:
                method, response = self._sign_in()
                _, answer = _judged(method, response)
                with _reading(method):
                    self._token = str(answer["access_token"])
                    self._token_until = time.monotonic() + float(answer.get("expires_in", 3600)) - _TOKEN_MARGIN
            return self._token

    def _sign_in(self) -> tuple[str, httpx.Response]:
        user, secret = self._account
        try:
            if self._login == "basic":
                account = base64.b64encode(f"{user}:{secret}".encode()).decode("ascii")
                return "auth/login", self._client.post(
                    f"{self._base}/csc/{self._version}/auth/login",
                    json={"rememberMe": False},
                    headers={"Authorization": f"Basic {account}"},
                )
            form = {"grant_type": "client_credentials", "scope": "service", "client_id": user, "client_secret": secret}
            return "oauth2/token", self._client.post(f"{self._base}/oauth2/token", data=form)
        except httpx.HTTPError as error:
            raise web.unavailable(SYSTEM, self._login, error) from error


class _Declined(Exception):
    """The owner, or the service for them, said no."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@contextmanager
def _reading(method: str) -> Iterator[None]:
    """Tell whatever a strange answer makes of the code that reads it as AdapterAnswerInvalid."""
    try:
        yield
    except _STRANGE as error:
        detail = f"{type(error).__name__}: {excerpt(str(error))}"
        raise AdapterAnswerInvalid(system=SYSTEM, endpoint=method, detail=detail) from error


def _judged(method: str, response: httpx.Response, *, patient: bool = False) -> tuple[int, Mapping[str, Any]]:
    """Return status and object of an answer. Raises AdapterError's children, and _Declined where the owner is asked."""
    status = response.status_code
    told = _object(response)
    error = str(told.get("error", "")) if told else ""
    detail = words(f"HTTP {status} {error} {(told or {}).get('error_description', '')}", 200)
    if patient and told and _STILL_AT_IT in str(told.get("error_description", "")).casefold():
        return ACCEPTED, {}
    if error in _DECLINED and method in _ASKS_OWNER and status != httpx.codes.UNAUTHORIZED:
        raise _Declined(detail)
    if error and status in _REFUSED:
        raise AdapterRefused(system=SYSTEM, endpoint=method, detail=detail)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise AdapterUnavailable(system=SYSTEM, endpoint=method, detail=f"HTTP {status}")
    web.check_status(SYSTEM, method, response)
    if told is None:
        detail = excerpt(response.text) or f"HTTP {status}"
        raise AdapterAnswerInvalid(system=SYSTEM, endpoint=method, detail=detail)
    if error or status >= httpx.codes.BAD_REQUEST:
        raise AdapterRefused(system=SYSTEM, endpoint=method, detail=detail)
    return status, told


def _object(response: httpx.Response) -> Mapping[str, Any] | None:
    try:
        told = response.json()
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None
