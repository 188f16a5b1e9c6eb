"""What the ways of signing share: the token they all use, and what one of them has made."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pkcs11

from benchmarks.signing.contracts import FIELD
from kernel.tokens.library import open_library
from tests.softhsm import PIN, SoftHsm, TestCa
from tests.tokens_kit import sound

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.signing.contracts import Contract

TOKEN, KEY = "Ký số", "Khóa ký"


@dataclass(frozen=True, slots=True)
class Token:
    """A SoftHSM token with one RSA-2048 key, its certificate and the certificate of its issuer."""

    hsm: SoftHsm
    certificate: bytes
    issuer: bytes
    root: TestCa

    @property
    def sha256(self) -> str:
        """What the certificate is chosen by."""
        return hashlib.sha256(self.certificate).hexdigest()


@dataclass(frozen=True, slots=True)
class Made:
    """Files one way has made. `each` is the milliseconds a signature took: all of them, or their mean."""

    each: list[float]
    files: list[bytes]


def accepted_by_pyhanko(token: Token, file: bytes) -> bool:
    """Tell whether pyHanko finds the signature intact, the file unchanged after it, and its chain complete."""
    return sound(file, token.root.der) == [FIELD]


@dataclass(frozen=True, slots=True)
class Way:
    """A way to sign. `count` is how many files it makes in a round: enough to last some tenths of a second.

    `accepts` tells whether a reader made by others finds the signature in `FIELD` valid.
    """

    name: str
    count: int
    sign: Callable[[Contract, int], Made]
    accepts: Callable[[Token, bytes], bool] = accepted_by_pyhanko


def make_token(folder: Path) -> Token:
    """Make the token."""
    hsm, root = SoftHsm(folder), TestCa()
    issuer = TestCa(root)
    with hsm.administration as administration:
        serial = hsm.add_token(TOKEN).serial
        der = hsm.add_identity(issuer, serial, label=KEY)
        administration.import_certificate(serial=serial, pin=PIN, label="CA", key_id=b"\xca", der=issuer.der)
    return Token(hsm, der, issuer.der, root)


@contextmanager
def session(token: Token, folder: Path) -> Iterator[Any]:
    """Open one session of python-pkcs11 in this process, for all who sign in it."""
    folder.mkdir()
    library = open_library(token.hsm.module, folder)
    opened = library.get_token(token_label=TOKEN).open(user_pin=PIN)
    try:
        yield opened
    finally:
        opened.close()


def private_key(opened: Any) -> Any:
    """Return the key of a session."""
    return opened.get_key(pkcs11.ObjectClass.PRIVATE_KEY, label=KEY)


def timed(sign: Callable[[int], bytes], count: int) -> Made:
    """Sign so many files one after the other."""
    each, files = [], []
    for number in range(count):
        begun = time.perf_counter()
        files.append(sign(number))
        each.append((time.perf_counter() - begun) * 1000)
    return Made(each, files)


def now() -> datetime:
    """Return the present moment in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)
