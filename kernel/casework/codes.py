"""One-time codes: six digits nobody but the customer sees, bound to one document, kept only as a keyed hash."""

from __future__ import annotations

import hmac
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kernel.errors import SettingsInvalid, StorageFull

DIGITS = 6
ALGORITHM = "HMAC-SHA256"
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class CodeKey:
    """The branch's secret for hashing codes. `id` names it in evidence without giving it away."""

    secret: bytes

    @property
    def id(self) -> str:
        """First 16 hex digits of the hash of the key."""
        return hmac.digest(self.secret, b"quaydien code key id", "sha256").hex()[:16]

    def hashed(self, code: str, *, salt: str, document_sha256: str) -> str:
        """Return the keyed hash (hex) of a code for one document and one salt."""
        message = f"{salt}:{document_sha256}:{code}".encode()
        return hmac.digest(self.secret, message, "sha256").hex()

    def matches(self, code: str, *, salt: str, document_sha256: str, expected: str) -> bool:
        """Return whether `code` is the one whose hash was kept, in constant time."""
        return hmac.compare_digest(self.hashed(code, salt=salt, document_sha256=document_sha256), expected)


def new_code() -> str:
    """Return six digits from the system's cryptographic generator."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def new_salt() -> str:
    """Return 128 random bits in hex."""
    return secrets.token_hex(16)


def code_key(folder: Path) -> CodeKey:
    """Return the branch's code key, made at the first use and readable by its user alone.

    Raises StorageFull, and SettingsInvalid for a file that is no such key.
    """
    path = folder / "code.key"
    try:
        if not path.exists():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make(path)
        secret = path.read_bytes()
    except OSError as error:
        raise StorageFull(path=path, detail=error.strerror or error) from error
    if len(secret) != _KEY_BYTES:
        raise SettingsInvalid(path=path, detail=f"{len(secret)} ≠ {_KEY_BYTES} bytes")
    return CodeKey(secret)


def _make(path: Path) -> None:
    """Write a new key; of two processes that do so at once the first one's counts."""
    fresh = path.with_name(f".{secrets.token_hex(8)}")
    fresh.touch(mode=0o600)
    try:
        fresh.write_bytes(secrets.token_bytes(_KEY_BYTES))
        with suppress(FileExistsError):
            path.hardlink_to(fresh)
    finally:
        fresh.unlink()
