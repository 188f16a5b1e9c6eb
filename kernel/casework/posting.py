"""Posting: what has to reach a system outside becomes a row and a job in the transaction that makes it necessary."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from typing import Literal
from uuid import uuid4

from kernel import clock
from kernel.casework.office import Office
from kernel.jobs import QueueName
from kernel.storage.tables import OutgoingRow
from kernel.storage.unit_of_work import UnitOfWork

Kind = Literal["cmis_open", "cmis_progress", "cmis_upload", "sms", "collect", "preserve"]

_QUEUES: Mapping[Kind, QueueName] = {
    "cmis_open": "cmis",
    "cmis_progress": "cmis",
    "cmis_upload": "cmis",
    "sms": "sms",
    "collect": "remote",
    "preserve": "archive",
}


_COUNT = itertools.count()


def post(
    office: Office,
    work: UnitOfWork,
    *,
    kind: Kind,
    dossier: str,
    subject: str,
    body: Mapping[str, str] | None = None,
) -> str:
    """Add an outgoing row and its job to the transaction; return the row's id."""
    row = outgoing_row(kind=kind, dossier=dossier, subject=subject, body=body or {}, state="waiting")
    work.session.add(row)
    work.session.flush()
    office.outbox.enqueue(work.session, _QUEUES[kind], row.id, dossier=dossier)
    return row.id


def outgoing_row(*, kind: Kind, dossier: str, subject: str, body: Mapping[str, str], state: str) -> OutgoingRow:
    """Return a new outgoing row."""
    now = clock.now()
    return OutgoingRow(
        id=_id(),
        kind=kind,
        dossier=dossier,
        subject=subject,
        body=dict(body),
        state=state,
        at=now,
        updated_at=now,
    )


def _id() -> str:
    """Return a new id; ids made later sort after it.

    On SQLite DBOS knows the second of a job only, and takes jobs of one second in the order of their ids: CMIS must not
    hear of the end of a request before the step that led to it.
    """
    return f"{time.time_ns():016x}{next(_COUNT):08x}{uuid4().hex[:8]}"
