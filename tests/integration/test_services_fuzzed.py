"""Mutated answers of trust services: an error of this program's own or a right answer, never anything else."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest

from kernel import clock
from kernel.signing.errors import StatementWrong
from kernel.signing.revocation import read_list, read_ocsp
from kernel.trust_services.errors import TrustServiceError
from kernel.trust_services.ocsp import request
from kernel.trust_services.token import Question, check_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.trust_authority import TrustAuthority

CASES = 250


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Return `data` with some bytes changed, cut out, doubled, or cut off."""
    made = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        at, length = chance.randrange(len(made)), chance.randint(1, 12)
        match chance.randrange(5):
            case 0:
                made[at] ^= 1 << chance.randrange(8)
            case 1:
                made[at : at + length] = chance.randbytes(length)
            case 2:
                del made[at : at + length]
            case 3:
                made[at:at] = made[at : at + length]
            case _:
                del made[at:]
        if not made:
            return b""
    return bytes(made)


def survivors(data: bytes, read: Callable[[bytes], object], refusal: type[Exception], seed: int) -> int:
    """Return how many mutations were read as a right answer; anything raised but `refusal` passes through."""
    chance, read_well = random.Random(seed), 0
    for _ in range(CASES):
        try:
            read(mutated(data, chance))
        except refusal:
            continue
        read_well += 1
    return read_well


def test_time_stamps(trust_authority: TrustAuthority) -> None:
    question = Question.new(hashlib.sha256("đ".encode()).digest(), "sha256")
    right = httpx.post(trust_authority.tsa_url(), content=question.der).content
    imprint = question.imprint

    def read(data: bytes) -> None:
        token = check_answer(data, question, trust_authority.trust, "mot")
        assert abs((token.at - datetime.now(UTC)).total_seconds()) < 600
        assert imprint in token.der

    assert survivors(right, read, TrustServiceError, 1) < CASES // 10


@pytest.mark.parametrize("revoked", [False, True])
def test_ocsp_answers(trust_authority: TrustAuthority, revoked: bool) -> None:
    signer = trust_authority.signer()
    path = (signer.certificate, *signer.chain)
    if revoked:
        trust_authority.revoke(signer.certificate)
    right = httpx.post(trust_authority.ocsp_url(), content=request(path, None)).content

    def read(data: bytes) -> None:
        assert read_ocsp(data, path, clock.now()).status == ("revoked" if revoked else "good")

    assert survivors(right, read, StatementWrong, 2) < CASES // 10


def test_lists(trust_authority: TrustAuthority) -> None:
    signer = trust_authority.signer("signer-with-lists")
    path = (signer.certificate, *signer.chain)
    trust_authority.revoke(signer.certificate)
    right = httpx.get(trust_authority.crl_url()).content

    def read(data: bytes) -> None:
        assert read_list(data, path, clock.now()).status == "revoked"

    assert survivors(right, read, StatementWrong, 3) < CASES // 10
