"""The ordered list of time-stamping authorities: who is asked, who rests, what is counted, what stays readable."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from kernel import clock
from kernel.api.text import Text
from kernel.errors import DatabaseUnavailable, StorageFull
from kernel.settings import TimeStampSettings, TrustServiceSettings
from kernel.signing.errors import TimeStampUnavailable, TimeStampWrong
from kernel.trust_services import pool as pools
from kernel.trust_services.authority import Authority
from kernel.trust_services.errors import QuotaUsedUp
from kernel.trust_services.line import Line
from kernel.trust_services.pool import UNSEEN_BYTES, TimeStampPool
from kernel.trust_services.record import Record
from tests import trust_authority as bad_days
from tests.said import said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.trust_authority import Fault, TrustAuthority

IMPRINT = hashlib.sha256("Biên bản treo tháo Ệ".encode()).digest()
REST = timedelta(seconds=60)
NOWHERE = "http://127.0.0.1:9/tsa"


class Moment:
    """The present, moved by hand."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC).replace(hour=4, minute=0, second=0, microsecond=0)

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Moment:
    made = Moment()
    monkeypatch.setattr(clock, "now", lambda: made.at)
    monkeypatch.setattr(pools, "PAUSE_SECONDS", 0)
    return made


@contextmanager
def pooled(
    services: TrustAuthority, home: Path, *names: str, tries: int = 1, **settings: dict[str, Any]
) -> Iterator[TimeStampPool]:
    """Open a pool of authorities; `settings` are those of each by its name."""
    line = Line(TrustServiceSettings(), home)
    try:
        authorities = [
            Authority(
                TimeStampSettings(
                    **{"id": name, "url": services.tsa_url(name), "timeout": 2, **settings.get(name, {})}
                ),
                line,
                home,
                lambda: services.trust,
            )
            for name in names
        ]
        yield TimeStampPool(authorities, Record(home / "state" / "tsa.db"), tries=tries, rest=REST)
    finally:
        line.close()


def asked(services: TrustAuthority) -> list[str]:
    """Return the names of the authorities asked since the last call."""
    names = [path.rpartition("/")[2] for path in services.door.asked if "/tsa/" in path]
    services.door.asked.clear()
    return names


def unavailable(pool: TimeStampPool) -> str:
    with pytest.raises(TimeStampUnavailable) as problem:
        pool.stamp(IMPRINT, "sha256")
    return said(problem.value)


def test_the_first_that_answers_right(trust_authority: TrustAuthority, tmp_path: Path, moment: Moment) -> None:
    asked(trust_authority)
    with pooled(trust_authority, tmp_path, "first", "second") as pool:
        assert pool.stamp(IMPRINT, "sha256").authority == "first"
        assert asked(trust_authority) == ["first"]
        assert [one.state for one in pool.states()] == ["ready", "ready"]
        assert [one.used for one in pool.states()] == [(1, 1), (0, 0)]
        assert pool.states()[0].health.answered_at == moment.at


@pytest.mark.parametrize(
    "fault",
    [bad_days.down, bad_days.html, bad_days.status("500 X"), bad_days.status("401 X"), bad_days.changed(lambda _: b"")],
    ids=["down", "html", "500", "401", "empty"],
)
def test_a_failed_one_rests_and_returns_by_itself(
    trust_authority: TrustAuthority, tmp_path: Path, moment: Moment, fault: Fault
) -> None:
    with pooled(trust_authority, tmp_path, "first", "second") as pool:
        with trust_authority.door.fault("/tsa/first", fault):
            assert pool.stamp(IMPRINT, "sha256").authority == "second"
        asked(trust_authority)
        assert pool.stamp(IMPRINT, "sha256").authority == "second"
        assert asked(trust_authority) == ["second"]
        first = pool.states()[0]
        assert (first.state, first.health.failures, first.health.failed_at) == ("resting", 1, moment.at)
        assert first.health.failure is not None
        assert first.health.failure.vi.startswith("first: ")
        moment.forward(seconds=61)
        assert pool.stamp(IMPRINT, "sha256").authority == "first"
        first = pool.states()[0]
        assert (first.state, first.health.failures) == ("ready", 0)
        assert first.health.failure is not None


def test_rests_grow_and_end(trust_authority: TrustAuthority, tmp_path: Path, moment: Moment) -> None:
    with pooled(trust_authority, tmp_path, "first", first={"url": NOWHERE}) as pool:
        rests = []
        for _ in range(9):
            assert "không nối được" in unavailable(pool)
            until = pool.states()[0].health.rests_until
            assert until is not None
            rests.append((until - moment.at).total_seconds())
            moment.at = until
        assert rests == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
        moment.at -= timedelta(days=3)
        # a clock set back does not make the rest longer
        assert "không nối được" in unavailable(pool)


def test_all_down_says_what_each_said(trust_authority: TrustAuthority, tmp_path: Path, moment: Moment) -> None:
    with ExitStack() as stack:
        stack.enter_context(trust_authority.door.fault("/tsa/first", bad_days.status("503 X")))
        stack.enter_context(trust_authority.door.fault("/tsa/second", bad_days.html))
        pool = stack.enter_context(pooled(trust_authority, tmp_path, "first", "expired", "second"))
        words = unavailable(pool)
        assert all(part in words for part in ("first: HTTP 503", "expired: chứng thư không có hiệu lực", "second:"))
        asked(trust_authority)
        words = unavailable(pool)
        assert asked(trust_authority) == []
        assert "nghỉ đến 11:01:00; lần hỏng trước: first: HTTP 503" in words


def test_a_line_that_fails_is_tried_again_and_a_wrong_answer_is_not(
    trust_authority: TrustAuthority, tmp_path: Path, moment: Moment
) -> None:
    with pooled(trust_authority, tmp_path, "first", "expired", tries=3) as pool:
        asked(trust_authority)
        with trust_authority.door.fault("/tsa/first", bad_days.down):
            unavailable(pool)
        assert asked(trust_authority) == ["first"] * 3 + ["expired"]


def test_the_quota_of_a_day_and_of_a_month(trust_authority: TrustAuthority, tmp_path: Path, moment: Moment) -> None:
    moment.at = datetime(2026, 11, 29, 16, 59, tzinfo=UTC)  # 23:59 in Vietnam
    chosen: dict[str, Any] = {"quota_day": 2, "quota_month": 3}
    with pooled(trust_authority, tmp_path, "first", "second", first=chosen) as pool:
        got = [pool.stamp(IMPRINT, "sha256").authority for _ in range(3)]
        assert got == ["first", "first", "second"]
        assert (pool.states()[0].state, pool.states()[0].used) == ("used_up", (2, 2))
        moment.forward(minutes=2)
    with pooled(trust_authority, tmp_path, "first", first=chosen) as pool:  # a new day, after a restart
        assert pool.states()[0].state == "ready"
        pool.stamp(IMPRINT, "sha256")
        assert "3/3 lượt của tháng" in unavailable(pool)
        assert (pool.states()[0].state, pool.states()[0].health.failures) == ("used_up", 0)
        moment.forward(days=1)
        assert pool.states()[0].used == (0, 0)
        assert pool.stamp(IMPRINT, "sha256").authority == "first"


def test_what_never_left_is_not_counted(trust_authority: TrustAuthority, tmp_path: Path, moment: Moment) -> None:
    with pooled(trust_authority, tmp_path, "first", "second", tries=2, first={"url": NOWHERE}) as pool:
        with trust_authority.door.fault("/tsa/second", bad_days.down):
            unavailable(pool)
        assert [one.used for one in pool.states()] == [(0, 0), (2, 2)]


def test_many_at_once_do_not_pass_the_quota(trust_authority: TrustAuthority, tmp_path: Path, moment: Moment) -> None:
    asked(trust_authority)
    records = [Record(tmp_path / "state" / "tsa.db") for _ in range(4)]
    start = threading.Barrier(4)

    def take(record: Record) -> int:
        start.wait()
        return sum(record.take("first", moment.at.date(), (10, None)) is None for _ in range(5))

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(take, records)) == 10


def test_the_size_kept_free(trust_authority: TrustAuthority, tmp_path: Path, moment: Moment) -> None:
    with pooled(trust_authority, tmp_path, "first", "second") as pool:
        assert pool.token_size == UNSEEN_BYTES
        first = len(pool.stamp(IMPRINT, "sha256").der)
        assert pool.token_size == UNSEEN_BYTES
        with trust_authority.door.fault("/tsa/first", bad_days.down):
            second = len(pool.stamp(IMPRINT, "sha256").der)
    with pooled(trust_authority, tmp_path, "first", "second") as pool:
        assert max(first, second) < pool.token_size == max(first + first // 4, second + second // 4)


def test_the_other_authority_is_examined_too(trust_authority: TrustAuthority, tmp_path: Path, moment: Moment) -> None:
    with pooled(trust_authority, tmp_path, "first", "expired", first={"quota_day": 1}) as pool:
        with trust_authority.door.at(moment.at + timedelta(seconds=90)):
            first, expired = pool.examine()
        assert (first.problem, first.ahead) == (None, timedelta(seconds=90))
        assert expired.problem is not None
        assert "không có hiệu lực" in said(expired.problem)
        [again, _] = pool.examine()
        assert isinstance(again.problem, QuotaUsedUp)


@pytest.mark.parametrize(("imprint", "algorithm"), [(bytes(20), "sha1"), (bytes(32), "sha384"), (b"", "sha256")])
def test_an_imprint_of_the_wrong_length(
    trust_authority: TrustAuthority, tmp_path: Path, imprint: bytes, algorithm: str
) -> None:
    asked(trust_authority)
    with pooled(trust_authority, tmp_path, "first") as pool, pytest.raises(TimeStampWrong) as problem:
        pool.stamp(imprint, algorithm)
    assert algorithm in said(problem.value)
    assert asked(trust_authority) == []


def test_a_certificate_file_that_is_missing_is_a_failure_of_its_authority(
    trust_authority: TrustAuthority, tmp_path: Path, moment: Moment
) -> None:
    lost = {"certificates": (tmp_path / "không có.pem",)}
    with pooled(trust_authority, tmp_path, "first", "second", first=lost) as pool:
        assert pool.stamp(IMPRINT, "sha256").authority == "second"
        assert pool.states()[0].health.failure is not None


def test_a_record_that_is_broken_or_can_not_be_written(tmp_path: Path) -> None:
    broken = tmp_path / "tsa.db"
    broken.write_bytes("không phải cơ sở dữ liệu".encode() * 100)
    with pytest.raises(DatabaseUnavailable) as problem:
        Record(broken).health("a")
    assert "tsa.db" in said(problem.value)
    (tmp_path / "tệp").touch()
    with pytest.raises(StorageFull) as full:
        Record(tmp_path / "tệp" / "tsa.db").health("a")
    said(full.value)


def test_a_failure_is_kept_in_both_languages(tmp_path: Path, moment: Moment) -> None:
    words = Text("đứt đường", "the line broke")
    Record(tmp_path / "tsa.db").failed("a", moment.at, words, REST)
    assert Record(tmp_path / "tsa.db").health("a").failure == words
