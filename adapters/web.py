"""HTTP as every adapter does it: no environment, no redirects, library errors told as adapter errors."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from adapters.masking import excerpt
from kernel.api.errors import AdapterAnswerInvalid, AdapterMisconfigured, AdapterRefused, AdapterUnavailable

# Their INFO and DEBUG lines hold whole addresses: passwords and message texts.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

CONNECT_SECONDS = 5.0
_BUSY = frozenset({408, 425, 429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Settings:
    """An adapter's options in the settings file. Its readers raise AdapterMisconfigured naming the entry."""

    system: str
    section: str
    values: Mapping[str, object]

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text entry; without a default it must be there and not empty."""
        value = self.values.get(name, default)
        if isinstance(value, str) and (value or default is not None):
            return value
        raise self.wrong(name, "missing" if value in (None, "") else "not a text")

    def number(self, name: str, default: float) -> float:
        """Return a number above 0 and at most 600."""
        value = self.values.get(name, default)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 600:
            return float(value)
        raise self.wrong(name, "not a number between 0 and 600")

    def url(self, name: str, default: str | None = None) -> str:
        """Return an http or https address."""
        value = self.text(name, default)
        try:
            parts = urlsplit(value)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if usable or value == default:
            return value
        raise self.wrong(name, "not an http:// or https:// address")

    def wrong(self, name: str, detail: str) -> AdapterMisconfigured:
        """Return the error that names an entry."""
        return AdapterMisconfigured(system=self.system, endpoint=f"[{self.section}] {name}", detail=detail)


def http_client(settings: Settings, *, keep_alive: bool = True) -> httpx.Client:
    """Return a client with the section's `timeout` (seconds) and `ca_file`. Proxies and .netrc are not consulted.

    TLS is 1.2 or higher, whatever the machine's own OpenSSL settings allow (TT 15/2025/TT-BKHCN, Annex I).
    Raises AdapterMisconfigured.
    """
    seconds = settings.number("timeout", 15)
    ca_file = settings.text("ca_file", "")
    try:
        verify = ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise settings.wrong("ca_file", str(error)) from error
    verify.minimum_version = ssl.TLSVersion.TLSv1_2
    return httpx.Client(
        timeout=httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
        verify=verify,
        limits=httpx.Limits(max_keepalive_connections=None if keep_alive else 0),
        trust_env=False,
        follow_redirects=False,
    )


def never_left(error: httpx.HTTPError) -> bool:
    """Say whether a failed request certainly did not reach the other side."""
    return isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.UnsupportedProtocol)


def unavailable(system: str, endpoint: str, error: httpx.HTTPError) -> AdapterUnavailable:
    """Return the adapter error for a line that failed: refused, timed out, broken off."""
    name = type(error).__name__
    # Only here does the library's text say more than the name: refused, no route, name unknown, certificate.
    detail = f"{name}: {excerpt(str(error), 160)}" if isinstance(error, httpx.ConnectError) else name
    return AdapterUnavailable(system=system, endpoint=endpoint, detail=detail)


def check_status(system: str, endpoint: str, response: httpx.Response) -> None:
    """Raise for an answer whose HTTP status alone says that it holds no answer; 2xx and 4xx/500 with a body pass."""
    status = response.status_code
    if response.is_redirect:
        place = urlsplit(response.headers.get("location", ""))
        detail = f"HTTP {status} → {excerpt(f'{place.netloc}{place.path}')}"
        raise AdapterAnswerInvalid(system=system, endpoint=endpoint, detail=detail)
    if status in _BUSY:
        raise AdapterUnavailable(system=system, endpoint=endpoint, detail=f"HTTP {status}")
    if status in (401, 403):
        detail = f"HTTP {status} {excerpt(response.text)}".rstrip()
        raise AdapterRefused(system=system, endpoint=endpoint, detail=detail)
