"""What waits for whom, page by page: by role, by authorisation, by name, by turn."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlmodel import select

from console.practice.people import PIN
from kernel import clock
from kernel.api.documents import Role
from kernel.casework import batches
from kernel.casework.awaiting import everything_awaiting, page_awaiting
from kernel.casework.errors import BatchAtWork, BatchEmpty, BatchOver
from kernel.casework.office import Actor
from kernel.storage import documents
from kernel.storage.tables import AuthorisationRow, DossierRow
from tests.practice import MINUTES
from tests.said import said

if TYPE_CHECKING:
    from tests.practice import Branch

FITTER = Actor("hai", "Đinh Quốc Hải", "PD0500", (Role.NVTT,), "001089000099", "PD0500TT02", "Nhân viên treo tháo")


def titles(branch: Branch, user: str | Actor, words: str = "") -> list[tuple[str, str]]:
    actor = branch.named(user) if isinstance(user, str) else user
    rows, total = page_awaiting(branch.office, actor, words, 0, 100)
    assert total == len(rows)
    assert everything_awaiting(branch.office, actor, words, clock.now()) == [
        (row.document, row.slot.field) for row in rows
    ]
    return [(row.code, row.slot.field) for row in rows]


def test_a_document_waits_for_whoever_is_next(drawn: Branch) -> None:
    document = drawn.document(drawn.case_id)
    code = drawn.dossier(drawn.case_id).code
    assert [titles(drawn, user) for user in ("duc", "thuy", "nga", "huu")] == [[], [], [], []]
    document = drawn.agree(document)
    assert titles(drawn, "duc") == [(code, "ben_ban")]
    assert [titles(drawn, user) for user in ("thuy", "nga", "dat")] == [[], [], []]
    document = drawn.sign(document)
    assert titles(drawn, "duc") == []
    assert titles(drawn, "thuy") == [(code, "con_dau")]
    drawn.sign(document)
    assert titles(drawn, "thuy") == []


def test_only_the_authorised_signatory_is_asked(drawn: Branch) -> None:
    drawn.agree(drawn.document(drawn.case_id))
    with drawn.office.work() as work:
        for row in work.session.exec(select(AuthorisationRow)):
            row.name = "Người Khác"
        work.commit()
    assert titles(drawn, "duc") == []


def test_minutes_wait_for_who_is_named_in_them(drawn: Branch) -> None:
    contract = drawn.document(drawn.case_id)
    minutes = replace(contract, id=uuid4().hex, type=MINUTES, variant="", filled=drawn.agree(contract).filled)
    for named, waits in (
        (None, True),
        ("Đinh Quốc Hải", True),
        ("PD0500TT02-Đinh Quốc Hải", True),
        ("pd0500tt02-Hải", True),
        ("PD0500TT01-Đinh Quốc Hữu", False),
        ("Đinh Quốc Hữu", False),
        ("%", False),
    ):
        with drawn.office.work() as work:
            documents.put(work.session, minutes)
            row = work.session.get_one(DossierRow, drawn.case_id)
            kept = {key: value for key, value in row.saved.items() if not key.startswith("nhan_vien_treo_thao")}
            row.saved = kept if named is None else {**kept, "nhan_vien_treo_thao_2": named}
            work.commit()
        assert bool(titles(drawn, FITTER)) is waits, named


def many(branch: Branch, count: int) -> list[str]:
    agreed = branch.agree(branch.document(branch.case_id))
    ids = [agreed.id, *(uuid4().hex for _ in range(count - 1))]
    with branch.office.work() as work:
        for place, document in enumerate(ids[1:]):
            at = agreed.drawn_at.replace(microsecond=place)
            documents.put(work.session, replace(agreed, id=document, number=f"HĐ-{place}/Ữ", drawn_at=at))
        work.commit()
    return ids


def test_pages_are_whole_and_in_order(drawn: Branch) -> None:
    ids = many(drawn, 25)
    director = drawn.named("duc")
    found: list[str] = []
    for offset in range(0, 30, 10):
        rows, total = page_awaiting(drawn.office, director, "", offset, 10)
        assert total == 25
        found += [row.document for row in rows]
    assert sorted(found) == sorted(ids)
    assert found == [document for document, _ in everything_awaiting(drawn.office, director, "", clock.now())]


def test_words_narrow_the_list_without_accents(drawn: Branch) -> None:
    drawn.agree(drawn.document(drawn.case_id))
    customer = drawn.dossier(drawn.case_id).values["ten_khach_hang"]
    for words in (str(customer), unicodedata.normalize("NFD", str(customer)), "lap lanh anh"):
        assert len(titles(drawn, "duc", words)) == 1
    assert titles(drawn, "duc", "khong co ai") == []


def opened(branch: Branch, ids: list[str]) -> batches.Batch:
    certificate = branch.certificate(branch.document(branch.case_id)).certificate.sha256
    return batches.open_batch(branch.office, branch.named("duc"), certificate, [(one, "ben_ban") for one in ids])


def test_what_was_left_behind_is_tried_again(drawn: Branch) -> None:
    office, director = drawn.office, drawn.named("duc")
    ids = many(drawn, 3)
    right = drawn.document(drawn.case_id).sha256
    with office.work() as work:
        documents.put(work.session, replace(documents.get(work.session, ids[1]), sha256="0" * 64))
        work.commit()
    batch = opened(drawn, ids)
    assert batches.next_document(office, batch.id) == ids[0]
    done = batches.run(office, director, batch.id, PIN)
    assert (done.done, [one.document for one in done.left]) == (2, [ids[1]])
    assert batches.left_page(office, batch.id, 0, 10)[1] == 1
    assert batches.left_page(office, batch.id, 1, 10) == ((), 1)
    assert batches.next_document(office, batch.id) is None
    with office.work() as work:
        documents.put(work.session, replace(documents.get(work.session, ids[1]), sha256=right))
        work.commit()
    again = batches.try_again(office, director, batch.id)
    assert (again.state, again.waiting, again.left) == ("stopped", 1, ())
    assert batches.run(office, director, batch.id, PIN).done == 3
    with pytest.raises(BatchEmpty):
        batches.try_again(office, director, batch.id)


def test_a_batch_can_be_given_up(drawn: Branch) -> None:
    office, director = drawn.office, drawn.named("duc")
    batch = opened(drawn, many(drawn, 3))
    over = batches.give_up(office, director, batch.id)
    assert (over.state, over.total, over.waiting) == ("done", 0, 0)
    assert batches.unfinished(office) == ()
    with pytest.raises(BatchOver):
        batches.run(office, director, batch.id, PIN)
    assert len(titles(drawn, "duc")) == 3
    assert [row.facts["state"] for row in drawn.audit("batch")] == ["done"]


def test_two_consoles_do_not_sign_one_batch(drawn: Branch) -> None:
    office, director = drawn.office, drawn.named("duc")
    batch = opened(drawn, many(drawn, 2))

    def meanwhile(_: batches.Batch) -> None:
        with pytest.raises(BatchAtWork) as taken:
            batches.run(office, director, batch.id, PIN)
        said(taken.value)

    assert batches.run(office, director, batch.id, PIN, tell=meanwhile).done == 2
