"""Dossiers and drafts, between frozen records and rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, func, select, update

from kernel.api.reading import restore, stored
from kernel.api.services import Service
from kernel.api.text import Text, fold
from kernel.dossier.records import Dossier, DossierState, StepDone, Wait
from kernel.errors import NotFound, StaleVersion
from kernel.storage.people import name_of
from kernel.storage.tables import DossierRow, DraftRow

DOSSIER = Text("hồ sơ", "dossier")

SEARCHED = ("ten_khach_hang", "so_giay_to", "dien_thoai", "ma_khach_hang", "dia_chi_dung_dien", "treo_so_cong_to")
"""Fields whose words a dossier is found by, besides its code."""

LIVE = (DossierState.OPEN, DossierState.WAITING_CUSTOMER, DossierState.WAITING_CMIS)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a clerk typed and did not save."""

    typed: Mapping[str, str]
    at: datetime


def _moment(iso: str) -> datetime:
    return datetime.fromisoformat(iso)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _columns(dossier: Dossier) -> dict[str, Any]:
    found = [str(dossier.values[name]) for name in SEARCHED if name in dossier.values]
    # a phone is kept as +84…; people say it from its 0
    words = [dossier.code, *found, *(f"0{word[3:]}" for word in found if word.startswith("+84"))]
    return {
        "unit": dossier.unit,
        "code": dossier.code,
        "service": dossier.service,
        "variant": dossier.variant,
        "step": dossier.step,
        "state": str(dossier.state),
        "customer": str(dossier.values.get("ten_khach_hang", "")),
        "search": fold(" ".join(words)),
        "saved": {key: stored(value) for key, value in dossier.values.items()},
        "papers": dict(dossier.papers),
        "history": [
            {"step": d.step, "began": _iso(d.began), "ended": _iso(d.ended), "staff": d.staff, "obstacle": d.obstacle}
            for d in dossier.history
        ],
        "waits": [{"since": _iso(wait.since), "until": _iso(wait.until)} for wait in dossier.waits],
        "received_at": dossier.received_at,
        "step_began": dossier.step_began,
        "due_at": dossier.due_at,
        "holder": dossier.holder,
        "held_since": dossier.held_since,
    }


def _record(row: DossierRow, service: Service) -> Dossier:
    fields = {field.id: field for field in service.fields()}
    return Dossier(
        id=row.id,
        code=row.code,
        unit=row.unit,
        service=row.service,
        variant=row.variant,
        step=row.step,
        state=DossierState(row.state),
        values={key: restore(fields[key], value) for key, value in row.saved.items() if key in fields},
        papers=row.papers,
        history=tuple(
            StepDone(d["step"], _moment(d["began"]), _moment(d["ended"]), d["staff"], d["obstacle"])
            for d in row.history
        ),
        waits=tuple(
            Wait(_moment(wait["since"]), _moment(wait["until"]) if wait["until"] else None) for wait in row.waits
        ),
        version=row.version,
        received_at=row.received_at,
        step_began=row.step_began,
        due_at=row.due_at,
        holder=row.holder,
        held_since=row.held_since,
    )


def service_of(session: Session, dossier_id: str) -> str:
    """Return the service id of a dossier. Raises NotFound."""
    found = session.exec(select(DossierRow.service).where(DossierRow.id == dossier_id)).first()
    if found is None:
        raise NotFound(what=DOSSIER, id=dossier_id)
    return found


def get(session: Session, dossier_id: str, service: Service) -> Dossier:
    """Return a dossier. Raises NotFound."""
    return _record(_row(session, dossier_id), service)


def _row(session: Session, dossier_id: str) -> DossierRow:
    row = session.get(DossierRow, dossier_id)
    if row is None:
        raise NotFound(what=DOSSIER, id=dossier_id)
    return row


def by_code(session: Session, unit: str, code: str) -> str | None:
    """Return the id of the unit's dossier with this request code, or None."""
    return session.exec(select(DossierRow.id).where(DossierRow.unit == unit, DossierRow.code == code)).first()


def add(session: Session, dossier: Dossier, now: datetime) -> None:
    """Insert a new dossier."""
    session.add(DossierRow(id=dossier.id, version=dossier.version, updated_at=now, **_columns(dossier)))
    session.flush()


def save(session: Session, dossier: Dossier, now: datetime) -> Dossier:
    """Write a dossier that was read at `dossier.version` and return it with the next one. Raises StaleVersion."""
    changed = session.exec(
        update(DossierRow)
        .where(col(DossierRow.id) == dossier.id, col(DossierRow.version) == dossier.version)
        .values(version=dossier.version + 1, updated_at=now, **_columns(dossier))
    )
    if changed.rowcount != 1:
        row = session.get(DossierRow, dossier.id)
        raise StaleVersion(code=dossier.code, by=name_of(session, row.holder if row else ""))
    session.expire_all()
    return replace(dossier, version=dossier.version + 1)


def give_code(session: Session, dossier_id: str, code: str, state: DossierState) -> None:
    """Give a dossier the code CMIS answered. Raises NotFound.

    Its version stays: nothing a clerk is typing is in the way.
    """
    row = _row(session, dossier_id)
    row.search = row.search.replace(fold(row.code), fold(code))
    row.code, row.state = code, str(state)
    session.flush()


def give_number(session: Session, dossier_id: str, field: str, number: str) -> None:
    """Keep the number a document was given. The version stays, for the same reason as in `give_code`."""
    row = _row(session, dossier_id)
    row.saved = {**row.saved, field: number}
    session.flush()


def draft(session: Session, dossier_id: str, staff: str) -> Draft | None:
    """Return the draft a clerk left at a dossier, or None."""
    row = session.get(DraftRow, (dossier_id, staff))
    return Draft(row.typed, row.at) if row else None


def put_draft(session: Session, dossier_id: str, staff: str, typed: Mapping[str, str], now: datetime) -> None:
    """Keep what a clerk has typed so far."""
    session.merge(DraftRow(dossier=dossier_id, staff=staff, typed=dict(typed), at=now))


def drop_draft(session: Session, dossier_id: str, staff: str) -> None:
    """Forget a draft, once it is saved or thrown away."""
    row = session.get(DraftRow, (dossier_id, staff))
    if row:
        session.delete(row)


@dataclass(frozen=True, slots=True)
class Line:
    """A dossier as the queue shows it."""

    id: str
    code: str
    service: str
    variant: str
    customer: str
    step: str
    state: DossierState
    holder: str
    due_at: datetime | None


def page(
    session: Session, conditions: list[ColumnElement[bool]], offset: int, limit: int
) -> tuple[tuple[Line, ...], int]:
    """Return a page of the queue, the most urgent first, and how many dossiers match in all."""
    total = count(session, conditions)
    rows = session.exec(
        select(DossierRow)
        .where(*conditions)
        .order_by(col(DossierRow.due_at).is_(None), col(DossierRow.due_at), col(DossierRow.id))
        .offset(offset)
        .limit(limit)
    )
    lines = tuple(
        Line(
            row.id,
            row.code,
            row.service,
            row.variant,
            row.customer,
            row.step,
            DossierState(row.state),
            row.holder,
            row.due_at,
        )
        for row in rows
    )
    return lines, total


def count(session: Session, conditions: list[ColumnElement[bool]]) -> int:
    """Return how many dossiers match."""
    return session.exec(select(func.count()).select_from(DossierRow).where(*conditions)).one()


def live(unit: str) -> list[ColumnElement[bool]]:
    """Condition: the unit's dossiers that are not ended."""
    return [col(DossierRow.unit) == unit, col(DossierRow.state).in_([str(state) for state in LIVE])]


def of_service(service: str) -> ColumnElement[bool]:
    """Condition: of this service."""
    return col(DossierRow.service) == service


def work_of(staff: str, steps: tuple[tuple[str, str], ...]) -> ColumnElement[bool]:
    """Condition: held by this person, or by nobody at one of the (service, step) places that are theirs."""
    return or_(col(DossierRow.holder) == staff, (col(DossierRow.holder) == "") & at_steps(steps))


def due_before(now: datetime) -> ColumnElement[bool]:
    """Condition: overdue."""
    return col(DossierRow.due_at) < now


def in_state(state: DossierState) -> ColumnElement[bool]:
    """Condition: in this state."""
    return col(DossierRow.state) == str(state)


def at_steps(steps: tuple[tuple[str, str], ...]) -> ColumnElement[bool]:
    """Condition: at one of these (service, step) places."""
    return or_(
        *((col(DossierRow.service) == service) & (col(DossierRow.step) == step) for service, step in steps),
        col(DossierRow.id).is_(None),
    )


def with_words(words: str) -> list[ColumnElement[bool]]:
    """Conditions: every word of `words`, without accents, is part of the dossier's names and numbers."""
    return [col(DossierRow.search).contains(word, autoescape=True) for word in fold(words).split()]
