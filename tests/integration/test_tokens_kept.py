"""The signer's journal: what is kept before an answer leaves, whatever happens to the disk or the process."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from kernel.tokens.client import Signer
from kernel.tokens.errors import (
    JournalUnwritable,
    RequestMismatch,
    RequestSettled,
    RequestUnknown,
    SignerElsewhere,
)
from kernel.tokens.journal import Results
from kernel.tokens.settings import SignerSettings
from tests.softhsm import PIN, SoftHsm, master
from tests.tokens_fixtures import full_disk, log, signed
from tests.tokens_kit import errand, pdf, request, sha256

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Start = Callable[[SignerSettings], Signer]


def test_a_settled_result_leaves_only_its_record(one: SoftHsm, state: Path, start: Start) -> None:
    asked = request(master().ders["rsa"])
    signer = start(one.settings(state))
    done = signer.sign(asked, pdf(), pin=PIN)
    signer.settle("yc-1")
    for _ in range(2):
        with pytest.raises(RequestSettled) as caught:
            signer.result("yc-1", pdf())
        assert caught.value.facts["sha256"] == done.sha256_after
        with pytest.raises(RequestSettled):
            signer.sign(asked, pdf(), pin=PIN)
        with pytest.raises(RequestMismatch):
            signer.sign(replace(asked, document_id="hd-2"), pdf(), pin=PIN)
        signer.restart()  # and so it was written
    with closing(sqlite3.connect(state / "journal.db")) as journal:
        assert journal.execute("SELECT request, made FROM log").fetchall() == [("yc-1", None)]


def test_a_journal_belongs_to_one_process(one: SoftHsm, state: Path, signer: Signer, start: Start) -> None:
    signer.ping()
    with pytest.raises(SignerElsewhere):
        start(one.settings(state)).ping()
    signer.close()
    start(one.settings(state)).ping()


@pytest.mark.skipif(sys.platform != "linux", reason="another process's limits can be set on Linux only")
def test_a_full_disk_stops_signing(signer: Signer, state: Path) -> None:
    asked = request(master().ders["rsa"])
    signer.unlock(asked.certificate, PIN, [errand(asked)])
    with full_disk(signer):
        with pytest.raises(JournalUnwritable):
            signer.sign(asked, pdf(), keep_unlocked=True)
        assert signer.unlocked_for() is None
    with pytest.raises(RequestUnknown):
        signer.result("yc-1", pdf())
    assert not signed(state)
    again = signer.sign(asked, pdf(), pin=PIN)
    assert not again.repeated
    assert [line.sha256_after for line in log(state)] == [again.sha256_after]


@pytest.mark.parametrize(
    "damage",
    ["UPDATE log SET made = substr(made, 1, 99)", "UPDATE log SET told = '{}'", "UPDATE log SET told = 'Ệ'"],
    ids=["update", "fields", "no JSON"],
)
def test_a_damaged_result_is_told_and_not_signed_over(signer: Signer, state: Path, damage: str) -> None:
    asked = request(master().ders["rsa"])
    signer.sign(asked, pdf(), pin=PIN)
    with closing(sqlite3.connect(state / "journal.db", isolation_level=None)) as journal:
        journal.execute(damage)
    with pytest.raises(JournalUnwritable):
        signer.sign(asked, pdf(), pin=PIN)


def test_results_of_the_first_version_are_taken_over(one: SoftHsm, state: Path, start: Start) -> None:
    asked = request(master().ders["rsa"], "yc-Ữ")
    before = start(one.settings(state))
    first = before.sign(asked, pdf(), pin=PIN)
    before.close()
    head = read_head(state, first.request_id)
    shutil.rmtree(state)
    older = state / "results"
    older.mkdir(parents=True)
    (older / f"{sha256(b'h')}.signed").write_bytes(b"half a lin")
    file = older / f"{sha256(first.request_id.encode())}.signed"
    file.write_bytes(head + b"\n" + first.update)
    assert first.request_id in Results(state)
    after = start(one.settings(state))
    assert replace(after.sign(asked, pdf()), repeated=False) == first
    assert signed(state) == [first.request_id]
    assert first.request_id in Results(state)
    assert not file.exists()
    with pytest.raises(JournalUnwritable):  # it may have been signed
        after.sign(request(master().ders["rsa"], "h"), pdf(), pin=PIN)


def read_head(state: Path, request_id: str) -> bytes:
    with closing(sqlite3.connect(state / "journal.db")) as journal:
        [[told]] = journal.execute("SELECT told FROM log WHERE request = ?", (request_id,))
    return str(told).encode()
