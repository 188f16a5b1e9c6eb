"""The hash chain of the audit trail finds every change, and says where."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.audit import GENESIS, AuditRow, ChainBreak, breaks, row_hash, sealed


def chain(length: int) -> list[AuditRow]:
    rows: list[AuditRow] = []
    for number in range(1, length + 1):
        previous = rows[-1].hash if rows else GENESIS
        facts = {"trạng thái": "đã ký", "Ữ": f"{number}"}
        rows.append(
            sealed(AuditRow(number, "2026-03-02T01:00:00.000+00:00", "PD0500", "nga", "sign", "d", facts, previous))
        )
    return rows


def where(rows: list[AuditRow]) -> list[int]:
    return sorted({one.sequence for one in breaks(rows)})


def test_a_whole_chain_holds() -> None:
    assert breaks([]) == []
    assert breaks(chain(50)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "duc"},
        {"at": "2026-03-02T01:00:00.001+00:00"},
        {"unit": "PD0600"},
        {"action": "void"},
        {"subject": "e"},
        {"facts": {"trạng thái": "đã ky"}},
        {"hash": "0" * 64},
    ],
)
def test_a_changed_row(change: dict[str, object]) -> None:
    rows = chain(5)
    rows[2] = replace(rows[2], **change)  # type: ignore[arg-type]  # columns by name
    assert ChainBreak(3, "content was changed") in breaks(rows)


def test_a_changed_row_sealed_anew_breaks_the_next() -> None:
    rows = chain(5)
    rows[2] = sealed(replace(rows[2], actor="duc"))
    assert breaks(rows) == [ChainBreak(4, "does not follow the row before it")]


@given(st.integers(2, 12), st.data())
def test_a_removed_row(length: int, data: st.DataObject) -> None:
    rows = chain(length)
    gone = data.draw(st.integers(0, length - 2))
    del rows[gone]
    assert where(rows) == [gone + 2]


def test_a_removed_head() -> None:
    assert breaks(chain(3)[1:])[0] == ChainBreak(2, "expected row 1")


@given(st.integers(1, 8), st.data())
def test_an_inserted_row(length: int, data: st.DataObject) -> None:
    rows = chain(length)
    place = data.draw(st.integers(0, length - 1))
    forged = sealed(replace(rows[place], actor="kẻ lạ"))
    rows.insert(place, forged)
    assert rows[place].sequence in where(rows)


@given(st.integers(2, 12), st.data())
def test_reordered_rows(length: int, data: st.DataObject) -> None:
    rows = chain(length)
    first = data.draw(st.integers(0, length - 2))
    rows[first], rows[first + 1] = rows[first + 1], rows[first]
    assert {rows[first].sequence, rows[first + 1].sequence} <= set(where(rows))


def test_renumbered_rows() -> None:
    rows = [replace(row, sequence=row.sequence + 1) for row in chain(3)]
    assert where(rows) == [2, 3, 4]


texts = st.text(max_size=20)


@given(texts, texts, st.dictionaries(texts, texts, max_size=4))
def test_the_hash_depends_on_every_column_and_on_nothing_else(actor: str, subject: str, facts: dict[str, str]) -> None:
    row = AuditRow(1, "t", "u", actor, "a", subject, facts, GENESIS)
    same = AuditRow(1, "t", "u", actor, "a", subject, dict(reversed(facts.items())), GENESIS, "x")
    assert row_hash(row) == row_hash(same)
    assert row_hash(row) != row_hash(replace(row, actor=subject + "x", subject=actor))
    assert breaks([sealed(row)]) == []
