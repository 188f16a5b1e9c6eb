"""Time stamps while somebody waits: one deadline whatever hangs, a rest after a miss, the pool's own words else."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from kernel.errors import StorageFull
from kernel.signing.errors import TimeStampUnavailable
from kernel.signing.ports import TimeStampToken
from kernel.trust_services.prompt import PromptTimeStamper
from tests.said import said

IMPRINT = hashlib.sha256("Chữ ký Ệ".encode()).digest()
TOKEN = TimeStampToken(b"0", datetime(2026, 1, 1, tzinfo=UTC), "thuc-hanh")
HANGS = 0.05


@dataclass
class Pool:
    """Answers when it is let go: with a token, or by raising."""

    problem: Exception | None = None
    token_size: int = 4096
    asked: int = 0
    go: threading.Event = field(default_factory=threading.Event)

    def stamp(self, imprint: bytes, algorithm: str) -> TimeStampToken:
        assert (imprint, algorithm) == (IMPRINT, "sha256")
        self.asked += 1
        self.go.wait(60)
        if self.problem is not None:
            raise self.problem
        return TOKEN


def at_once(problem: Exception | None = None) -> Pool:
    pool = Pool(problem)
    pool.go.set()
    return pool


def prompt(pool: Pool, rest: timedelta = timedelta(minutes=1), seconds: float = HANGS) -> PromptTimeStamper:
    return PromptTimeStamper(pool, seconds=seconds, rest=rest)


def test_an_answer_in_time_is_the_pools() -> None:
    stamper = prompt(at_once(), seconds=60)
    assert (stamper.stamp(IMPRINT, "sha256"), stamper.token_size) == (TOKEN, 4096)


@pytest.mark.parametrize("problem", [TimeStampUnavailable(detail="503"), StorageFull(path="x", detail="y")])
def test_what_the_pool_says_is_said(problem: Exception) -> None:
    pool = at_once(problem)
    stamper = prompt(pool, seconds=60)
    for _ in range(2):
        with pytest.raises(type(problem)) as found:
            stamper.stamp(IMPRINT, "sha256")
        assert found.value is problem
    # who rests is the pool's own business
    assert pool.asked == 2


def test_after_a_miss_nobody_is_asked_until_the_rest_is_over() -> None:
    pool = Pool()
    stamper = prompt(pool)
    for _ in range(3):
        with pytest.raises(TimeStampUnavailable) as late:
            stamper.stamp(IMPRINT, "sha256")
        assert "0.05" in said(late.value)
    assert pool.asked == 1
    pool.go.set()


def test_it_is_asked_again_when_the_rest_is_over() -> None:
    pool = Pool()
    stamper = prompt(pool, rest=timedelta())
    with pytest.raises(TimeStampUnavailable):
        stamper.stamp(IMPRINT, "sha256")
    pool.go.set()
    # a deadline long enough for a busy machine
    stamper = prompt(pool, rest=timedelta(), seconds=60)
    assert stamper.stamp(IMPRINT, "sha256") == TOKEN
