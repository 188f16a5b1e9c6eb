"""Looking a customer up at CMIS: what the branch knows already need not be typed again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kernel import clock
from kernel.api.fields import Field
from kernel.api.ports import CmisRequest
from kernel.api.reading import read
from kernel.casework.cmis_fields import field_values, versions_in_force
from kernel.casework.filling import open_fields, refuse_held, typed_now
from kernel.casework.office import Actor, Office
from kernel.dossier.progress import expect_not_ended
from kernel.storage import dossiers

__all__ = ["LookedUp", "look_up"]


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What CMIS filled in: ids of fields, now in this person's draft since `at`, and what the customer owes (đồng)."""

    filled: tuple[str, ...]
    at: datetime
    debt: int


def look_up(office: Office, actor: Actor, dossier_id: str, customer: str) -> LookedUp:
    """Fill in, as a draft, what CMIS knows of a customer and nobody has typed or saved yet.

    Only fields that may be filled now, are empty or stand at their default. Raises DossierEnded, DossierHeld, and
    AdapterError's children, AdapterRefused for a customer CMIS does not know here.
    """
    now = clock.now()
    records = versions_in_force(office.cmis.customer(office.unit, customer), clock.local(now).date())
    # the meter that hangs now is the one to be removed
    records["THAO"] = [row for row in records.get("HSO_TBI", ()) if row.get("LOAI_TBI") == "CTO"]
    debts = [row.get("SO_TIEN", "") for row in records.get("TTIEN_CNO", ())]
    with office.work() as work:
        dossier = office.dossier(work, dossier_id)
        expect_not_ended(dossier)
        refuse_held(work, actor, dossier, now)
        typed, _ = typed_now(work, office.service(dossier), dossier, actor)
        free = [one for one in open_fields(office, work, dossier) if _untouched(one, typed.get(one.id, ""))]
        found = field_values(CmisRequest(office.unit, dossier.code, records), free)
        kept = dossiers.draft(work.session, dossier_id, actor.id)
        dossiers.put_draft(work.session, dossier_id, actor.id, {**(kept.typed if kept else {}), **found}, now)
        # whose data was read is part of the trail: it was asked for by hand
        work.record(
            unit=dossier.unit, actor=actor.id, action="look_up", subject=dossier.id,
            customer=customer, fields=",".join(sorted(found)),
        )  # fmt: skip
        work.commit()
    return LookedUp(tuple(sorted(found)), now, sum(int(debt) for debt in debts if debt.isascii() and debt.isdigit()))


def _untouched(field: Field, typed: str) -> bool:
    return typed in ("", field.default, read(field, field.default).shown)
