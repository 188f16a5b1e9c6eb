"""OCSP answers and revocation lists, from what is kept on disk where it may still be used, else over HTTP."""

from __future__ import annotations

import secrets
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING

from kernel import clock
from kernel.signing.errors import StatementWrong
from kernel.trust_services.errors import ServiceResting, TrustServiceError, because, words
from kernel.trust_services.line import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kernel.api.text import Text
    from kernel.settings import TrustServiceSettings
    from kernel.signing.revocation import Statement
    from kernel.trust_services.cache import Cache
    from kernel.trust_services.line import Line

__all__ = ["Statements"]

OCSP_LARGEST = 256 * 1024
LIST_SECONDS_FACTOR = 6
MEGABYTE = 1024 * 1024
NONCE_BYTES = 32
"""RFC 8954, 2.1: at most 32."""
_OCSP_HEADERS = {"Content-Type": "application/ocsp-request", "Accept": "application/ocsp-response"}


class Statements:
    """Statements about the first certificate of a `path` (DER, the root last). Safe to use from several threads.

    Every way to one raises TrustServiceError where its source can't be asked and StatementWrong where what came, or was
    kept, can't be used; StorageFull where it can't be kept.
    """

    def __init__(self, line: Line, cache: Cache, settings: TrustServiceSettings) -> None:
        self._line = line
        self._cache = cache
        self._settings = settings
        self._failed: dict[str, tuple[datetime, Text]] = {}
        self._lock = threading.Lock()

    def ocsp(self, url: str, path: Sequence[bytes], newer_than: datetime | None) -> Statement:
        """Return a responder's answer: a kept one if it is young enough and was made after `newer_than`."""
        # imported late: pyHanko takes half a second to load
        from kernel.signing.revocation import read_ocsp

        kept = self._cache.read(_ocsp_key(url, path), "ocsp")
        if kept is not None:
            try:
                statement = read_ocsp(kept.data, path, clock.now())
            except StatementWrong:
                pass  # too old by its own word, or torn: asked anew
            else:
                if _fresh(statement, newer_than, self._settings.ocsp_max_age_hours):
                    return statement
        return self._unless_resting(url, lambda: self.fetch_ocsp(url, path))

    def list(self, url: str, path: Sequence[bytes], newer_than: datetime | None) -> Statement:
        """Return a revocation list, as `ocsp`; one that its source did not change since is not sent again."""
        from kernel.signing.revocation import read_list

        since = None
        kept = self._cache.read(url, "crl")
        if kept is not None:
            try:
                statement = read_list(kept.data, path, clock.now())
            except StatementWrong:
                pass
            else:
                if _fresh(statement, newer_than, self._settings.crl_max_age_hours):
                    return statement
                since = kept.modified
        return self._unless_resting(url, lambda: self.fetch_list(url, path, since))

    def fetch_ocsp(self, url: str, path: Sequence[bytes]) -> Statement:
        """Ask a responder, and keep its answer."""
        from kernel.trust_services.ocsp import read_answer, request

        policy = self._settings.ocsp_nonce
        nonce = None if policy == "never" else secrets.token_bytes(NONCE_BYTES)
        asked = Request(url, url, self._settings.timeout, OCSP_LARGEST, request(path, nonce), _OCSP_HEADERS)
        statement = read_answer(self._line.ask(asked).body or b"", path, nonce, required=policy == "require")
        self._cache.write(_ocsp_key(url, path), "ocsp", statement.der, statement.made)
        return statement

    def fetch_list(self, url: str, path: Sequence[bytes], since: datetime | None = None) -> Statement:
        """Ask for a list if it was changed after `since`, and keep it."""
        from kernel.signing.revocation import read_list

        headers = {"If-Modified-Since": format_datetime(since, usegmt=True)} if since else None
        seconds, limit = self._settings.timeout * LIST_SECONDS_FACTOR, self._settings.crl_max_megabytes * MEGABYTE
        answer = self._line.ask(Request(url, url, seconds, limit, headers=headers))
        if answer.body is None:
            kept = self._cache.read(url, "crl")
            return read_list(kept.data if kept else b"", path, clock.now())
        statement = read_list(answer.body, path, clock.now())
        self._cache.write(url, "crl", statement.der, _modified(answer.headers) or statement.made)
        return statement

    def _unless_resting(self, url: str, fetch: Callable[[], Statement]) -> Statement:
        """Ask a source unless it failed a moment ago: thousands of files must not each wait for it."""
        now, rest = clock.now(), timedelta(seconds=self._settings.rest_seconds)
        with self._lock:
            failed = self._failed.get(url)
        if failed is not None and now < failed[0] <= now + rest:
            detail = because("rest", until=f"{clock.local(failed[0]):%H:%M:%S}", failure=failed[1])
            raise ServiceResting(service=url, detail=detail)
        try:
            statement = fetch()
        except TrustServiceError as problem:
            with self._lock:
                self._failed[url] = (now + rest, words(problem))
            raise
        with self._lock:
            self._failed.pop(url, None)
        return statement


def _ocsp_key(url: str, path: Sequence[bytes]) -> str:
    return f"{url} {path[0].hex()}"


def _fresh(statement: Statement, newer_than: datetime | None, hours: float) -> bool:
    young = clock.now() - statement.made <= timedelta(hours=hours)
    return young and (newer_than is None or statement.made >= newer_than)


def _modified(headers: Mapping[str, str]) -> datetime | None:
    """Return when a source last changed its list, by its own word."""
    told = headers.get("last-modified")
    try:
        return parsedate_to_datetime(told).astimezone(UTC) if told else None
    except ValueError:
        return None
