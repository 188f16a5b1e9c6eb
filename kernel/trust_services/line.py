"""HTTP to trust services: one deadline for a whole answer, a limit to its size, the proxy, every failure told."""

from __future__ import annotations

import ssl
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from kernel.errors import SettingsInvalid
from kernel.settings import FILE_NAME
from kernel.trust_services.account import read_password
from kernel.trust_services.errors import AnswerWrong, NotConnected, ProxyRefused, Refused, ServiceUnreachable, because

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from kernel.settings import ProxySettings, TrustServiceSettings
    from kernel.trust_services.errors import TrustServiceError

CONNECT_SECONDS = 5.0
REDIRECTS = 3
"""Lists lie behind content networks that send the asker on."""

_LIMITS = httpx.Limits(max_keepalive_connections=8, keepalive_expiry=30)


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `service` names the service in errors; `body` None asks by GET."""

    service: str
    url: str
    seconds: float
    limit: int
    """Bytes the answer may have."""
    body: bytes | None = None
    headers: Mapping[str, str] | None = None
    account: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is None where nothing is newer than what was asked after (HTTP 304)."""

    body: bytes | None
    headers: Mapping[str, str]


class Line:
    """The way to the services outside. Safe to use from several threads; `close` it in the end."""

    def __init__(self, settings: TrustServiceSettings, home: Path) -> None:
        """Raises SettingsInvalid for an unusable `ca_file`, PasswordUnreadable for the proxy's."""
        self._verify = _tls(home / settings.ca_file, home) if settings.ca_file else None
        self._proxy = _proxy(settings.proxy, home) if settings.proxy else None
        self._direct = settings.proxy.direct if settings.proxy else ()
        self._lock = threading.Lock()
        self._opened: httpx.Client | None = None

    def close(self) -> None:
        """Let go of the connections."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _client(self) -> httpx.Client:
        """Return the client, made when something is first asked: reading the machine's roots takes time."""
        with self._lock:
            if self._opened is None:
                verify = self._verify or ssl.create_default_context()
                mounts: dict[str, httpx.BaseTransport | None] = {}
                if self._proxy is not None:
                    proxied = httpx.HTTPTransport(proxy=self._proxy, verify=verify, limits=_LIMITS)
                    mounts = {"all://": proxied, **{f"all://{host}": None for host in self._direct}}
                self._opened = httpx.Client(
                    verify=verify, limits=_LIMITS, mounts=mounts, trust_env=False, max_redirects=REDIRECTS
                )
            return self._opened

    def ask(self, request: Request) -> Answer:
        """Return the answer. Raises ServiceUnreachable, ProxyRefused, Refused, AnswerWrong."""
        deadline = time.monotonic() + request.seconds
        with (
            _told(request),
            self._client().stream(
                "GET" if request.body is None else "POST",
                request.url,
                content=request.body,
                headers=request.headers,
                auth=request.account or httpx.USE_CLIENT_DEFAULT,
                timeout=httpx.Timeout(request.seconds, connect=min(CONNECT_SECONDS, request.seconds)),
                follow_redirects=request.body is None,
            ) as response,
        ):
            if response.status_code == httpx.codes.NOT_MODIFIED:
                return Answer(None, response.headers)
            _check_status(request, response)
            body = bytearray()
            for part in response.iter_bytes():
                body += part
                if len(body) > request.limit:
                    raise AnswerWrong(service=request.service, detail=because("too_large", limit=request.limit))
                if time.monotonic() > deadline:
                    # the library's own limit counts from one piece to the next
                    raise _late(request)
        _refuse_page(request, bytes(body[:512]), response.headers)
        return Answer(bytes(body), response.headers)


def _tls(ca_file: Path, home: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as problem:
        detail = f"trust_services.ca_file: {ca_file}: {problem}"
        raise SettingsInvalid(path=home / FILE_NAME, detail=detail) from problem


def _proxy(settings: ProxySettings, home: Path) -> httpx.Proxy:
    if settings.password_file is None:
        return httpx.Proxy(settings.url)
    return httpx.Proxy(settings.url, auth=(settings.user, read_password("proxy", home / settings.password_file)))


@contextmanager
def _told(request: Request) -> Iterator[None]:
    """Tell the library's failures as this package's."""
    try:
        yield
    except httpx.ConnectTimeout as problem:
        detail = because("connect", detail=f"{CONNECT_SECONDS:g} s")
        raise NotConnected(service=request.service, detail=detail) from problem
    except httpx.TimeoutException as problem:
        raise _late(request) from problem
    except httpx.ProxyError as problem:
        raise ProxyRefused(service=request.service, detail=str(problem)) from problem
    except httpx.ConnectError as problem:
        detail = because("connect", detail=str(problem) or type(problem).__name__)
        raise NotConnected(service=request.service, detail=detail) from problem
    except httpx.UnsupportedProtocol as problem:
        raise NotConnected(service=request.service, detail=because("address", url=request.url)) from problem
    except httpx.HTTPError as problem:
        detail = because("broken_off", detail=type(problem).__name__)
        raise ServiceUnreachable(service=request.service, detail=detail) from problem
    except (httpx.InvalidURL, ValueError) as problem:
        # addresses of certificates hold what their issuers put there
        raise NotConnected(service=request.service, detail=because("address", url=request.url)) from problem


def _late(request: Request) -> ServiceUnreachable:
    return ServiceUnreachable(service=request.service, detail=because("timeout", seconds=f"{request.seconds:g}"))


def _check_status(request: Request, response: httpx.Response) -> None:
    status = response.status_code
    kind: type[TrustServiceError]
    if response.is_success:
        return
    if status == httpx.codes.PROXY_AUTHENTICATION_REQUIRED:
        kind, key = ProxyRefused, "status"
    elif status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        kind, key = Refused, "account"
    elif response.is_server_error or status in (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS):
        kind, key = ServiceUnreachable, "status"
    else:
        kind, key = AnswerWrong, "status"
    raise kind(service=request.service, detail=because(key, status=status))


def _refuse_page(request: Request, begin: bytes, headers: Mapping[str, str]) -> None:
    """Refuse a web page told as a success: what a portal that wants a login answers everything with."""
    if "html" in headers.get("content-type", "") or begin.lstrip()[:1] == b"<":
        raise AnswerWrong(service=request.service, detail=because("html"))
