"""Signatures that wait for the disk together are kept together or not at all; one thread watches every call."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from kernel.api.documents import Purpose
from kernel.tokens.errors import JournalUnwritable
from kernel.tokens.journal import Journal, LogLine, Results, read_log
from kernel.tokens.shapes import SignResult
from kernel.tokens.watchdog import Watchdog

if TYPE_CHECKING:
    from pathlib import Path


def keep(journal: Journal, request: str) -> SignResult:
    made = SignResult(
        request_id=request,
        document_id="hđ-Ữ",
        purpose=Purpose.SEAL,
        update=b"%update",
        sha256_before="0" * 64,
        sha256_after="1" * 64,
        digest="2" * 64,
        mechanism="rsa-sha256",
        certificate="3" * 64,
        certificate_serial="4F",
        signed_at=datetime(2026, 11, 25, tzinfo=UTC),
        repeated=False,
    )
    line = LogLine(request, made.document_id, "dong_dau", "0" * 64, "1" * 64, "4F", "signed")
    journal.keep(line, made, "fingerprint")
    return made


def test_what_is_kept_is_seen_by_others_when_it_is_on_the_disk(tmp_path: Path) -> None:
    journal, results = Journal(tmp_path), Results(tmp_path)
    for request in ("yc-Ệ", "yc-2"):
        keep(journal, request)
    assert "yc-Ệ" not in results
    assert read_log(tmp_path) == []
    journal.commit()
    assert "yc-Ệ" in results and "yc-2" in results and "yc-3" not in results
    assert [line.request for line in read_log(tmp_path)] == ["yc-Ệ", "yc-2"]
    journal.settle("yc-2")
    journal.close()
    assert "yc-2" in results
    results.close()


def test_when_one_cannot_be_written_none_of_them_is_kept(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    keep(journal, "yc-1")
    with pytest.raises(JournalUnwritable):
        keep(journal, "yc-1")
    keep(journal, "yc-2")
    with pytest.raises(JournalUnwritable):
        journal.commit()
    assert journal.find("yc-1") is None and journal.find("yc-2") is None
    made = keep(journal, "yc-2")
    journal.commit()
    found = journal.find("yc-2", "fingerprint")
    assert found is not None and found.update == made.update
    journal.close()


def test_a_journal_nobody_has_written_holds_nothing(tmp_path: Path) -> None:
    assert "yc-1" not in Results(tmp_path / "chưa có")
    assert not list(tmp_path.iterdir())


def test_one_thread_watches_every_call() -> None:
    bitten = threading.Event()
    before = threading.active_count()
    dog = Watchdog(bitten.set)
    for seconds in (60, 5, 90, 30):
        with dog.within(seconds):
            assert threading.active_count() == before + 1
    assert not dog.bitten
    with dog.within(0.01):
        assert bitten.wait(30)
    assert dog.bitten


def test_a_watchdog_sleeps_for_good_when_it_is_let_go() -> None:
    before = threading.active_count()
    dog = Watchdog(lambda: None)
    with dog.within(60):
        dog.end()
    for thread in threading.enumerate():
        if thread.name == "watchdog":
            thread.join(30)
    assert threading.active_count() == before
