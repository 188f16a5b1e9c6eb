"""The raw C_Sign of the key, and this project's signer: in process, and through its own processes."""

from __future__ import annotations

import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pkcs11

from benchmarks.signing.contracts import FIELD
from benchmarks.signing.raw_twice import SIGNED
from benchmarks.signing.ways import Made, Token, Way, now, private_key, timed
from kernel.api.documents import Purpose
from kernel.signing.mechanism import Mechanism
from kernel.signing.sign import sign_field
from kernel.tokens.pool import SignerPool
from kernel.tokens.shapes import SignRequest, SignResult
from tests.softhsm import PIN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.signing.contracts import Contract

RAW = "C_Sign alone"
IN_PROCESS = "this signer, in process"
ONE = "this signer, its process"
ONE_BATCH = "this signer, its process, a batch"
TWO_BATCH = "this signer, two processes, a batch"

_BATCH = 256
"""Enough for the start of a batch to weigh little, as in one of thousands."""
_NAME, _REASON, _LOCATION = "Trần Văn Đức", "Bên bán điện", "Hà Nội"


def raw(opened: Any) -> Way:
    """Return the least any signer can take: the key's C_Sign over so many bytes as a CMS has it sign."""
    key = private_key(opened)

    def sign(_contract: Contract, count: int) -> Made:
        made = timed(lambda _: key.sign(SIGNED, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS), count)
        return Made(made.each, [])

    return Way(RAW, 40, sign)


def in_process(opened: Any, token: Token) -> Way:
    """Return `sign_field` with the key in this very process."""
    key = _Key(private_key(opened), token)

    def sign(contract: Contract, count: int) -> Made:
        return timed(
            lambda _: (
                contract.pdf
                + sign_field(
                    contract.pdf,
                    field=FIELD,
                    signer=key,
                    at=now(),
                    appearance=contract.stamp,
                    name=_NAME,
                    reason=_REASON,
                    location=_LOCATION,
                ).update
            ),
            count,
        )

    return Way(IN_PROCESS, 40, sign)


@contextmanager
def processes(token: Token, folder: Path, size: int) -> Iterator[SignerPool]:
    """Open the signer's pool of so many processes on the one key, as for an HSM."""
    settings = token.hsm.settings(folder, prefer_pss=False)
    with closing(SignerPool(settings, token.sha256, {Purpose.SIGNATORY}, lambda: PIN, size=size)) as pool:
        pool.check()
        yield pool


def single(pool: SignerPool, token: Token) -> Way:
    """Return a request at a time: what the counter does."""

    def sign(contract: Contract, count: int) -> Made:
        return timed(lambda _: pool.sign(_request(token, contract), contract.pdf).pdf, count)

    return Way(ONE, 40, sign)


def batch(what: str, pool: SignerPool, token: Token) -> Way:
    """Return all requests at once: a signature takes its part of the time they take together."""

    def sign(contract: Contract, count: int) -> Made:
        asked = [(_request(token, contract), contract.pdf) for _ in range(count)]
        begun = time.perf_counter()
        answers = pool.sign_all(asked)
        taken = (time.perf_counter() - begun) * 1000
        return Made([taken / count], [one.pdf for one in answers if isinstance(one, SignResult)])

    return Way(what, _BATCH, sign)


def _request(token: Token, contract: Contract) -> SignRequest:
    return SignRequest(
        request_id=uuid4().hex,
        document_id=uuid4().hex,
        purpose=Purpose.SIGNATORY,
        field=FIELD,
        certificate=token.sha256,
        at=now(),
        appearance=contract.stamp,
        name=_NAME,
        reason=_REASON,
        location=_LOCATION,
    )


class _Key:
    def __init__(self, key: Any, token: Token) -> None:
        self._key = key
        self.certificate = token.certificate
        self.chain = (token.issuer,)
        self.mechanism = Mechanism.RSA_SHA256

    def sign(self, data: bytes) -> bytes:
        return bytes(self._key.sign(data, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS))
