"""Registering a request of the counter at CMIS: once it says who, where and how to reach them; again when refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from kernel.casework.posting import post
from kernel.dossier.records import DossierState
from kernel.storage.tables import OutgoingRow

if TYPE_CHECKING:
    from kernel.casework.office import Actor, Office
    from kernel.dossier.records import Dossier
    from kernel.storage.unit_of_work import UnitOfWork

NEEDED = ("ten_khach_hang", "so_giay_to", "dien_thoai", "dia_chi_dung_dien")
"""Without these CMIS opens no request: who asks, by which paper, how to reach them, and where the power goes."""


def register(office: Office, work: UnitOfWork, actor: Actor, dossier: Dossier) -> None:
    """Have CMIS give the dossier its code, if it has none, is fit to be sent, and is not on its way already."""
    if dossier.state is not DossierState.WAITING_CMIS or not _fit(office, dossier):
        return
    last = last_try(work, dossier.id)
    if last is None or last.state == "failed":
        body = {"staff": actor.employee_code}
        post(office, work, kind="cmis_open", dossier=dossier.id, subject=dossier.service, body=body)


def last_try(work: UnitOfWork, dossier_id: str) -> OutgoingRow | None:
    """Return the newest registration of a dossier, None before the first."""
    return work.session.exec(
        select(OutgoingRow)
        .where(OutgoingRow.dossier == dossier_id, OutgoingRow.kind == "cmis_open")
        .order_by(col(OutgoingRow.at).desc())
        .limit(1)
    ).first()


def _fit(office: Office, dossier: Dossier) -> bool:
    asked = {field.id for field in office.service(dossier).fields()}
    return all(name in dossier.values for name in NEEDED if name in asked)
