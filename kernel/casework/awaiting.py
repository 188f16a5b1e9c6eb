"""What waits for a person's signature: every document of the unit whose next slot is theirs to sign today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kernel import clock
from kernel.api.documents import Purpose
from kernel.api.identifiers import same_name
from kernel.casework.authorisations import authorised
from kernel.casework.entitlement import NAMED_IN
from kernel.storage.awaiting import Place, all_waiting, count_waiting, waiting

if TYPE_CHECKING:
    from kernel.api.documents import SignatureSlot
    from kernel.api.text import Text
    from kernel.casework.office import Actor, Office
    from kernel.storage.unit_of_work import UnitOfWork

__all__ = ["Awaiting", "everything_awaiting", "page_awaiting"]


@dataclass(frozen=True, slots=True)
class Awaiting:
    """A document that waits for one person, and the slot that is theirs."""

    document: str
    slot: SignatureSlot
    title: Text
    number: str
    dossier: str
    code: str
    customer: str
    drawn_at: datetime


def page_awaiting(
    office: Office, actor: Actor, words: str, offset: int, limit: int
) -> tuple[tuple[Awaiting, ...], int]:
    """Return a page of what waits for a person, oldest first, and how much there is in all.

    `words` are looked for in the dossier's names and numbers. Whether a certificate may sign is judged when it signs.
    """
    with office.work(reading=True) as work:
        places = _places(office, work, actor)
        total = count_waiting(work.session, actor.unit, places, words)
        found = waiting(work.session, actor.unit, places, words, offset, limit)
    rows = []
    for one in found:
        declared = office.document(one.type, one.variant)
        rows.append(
            Awaiting(
                document=one.document,
                slot=declared.slots[one.filled],
                title=declared.title,
                number=one.number,
                dossier=one.dossier,
                code=one.code,
                customer=one.customer,
                drawn_at=one.drawn_at,
            )
        )
    return tuple(rows), total


def everything_awaiting(office: Office, actor: Actor, words: str, since: datetime) -> list[tuple[str, str]]:
    """Return document and field of all that waits for a person since `since` or longer, oldest first.

    What came to wait after the person has seen the list is not signed with it.
    """
    with office.work(reading=True) as work:
        found = all_waiting(work.session, actor.unit, _places(office, work, actor), words, since)
    return [(document, office.document(kind, variant).slots[filled].field) for document, kind, variant, filled in found]


def _places(office: Office, work: UnitOfWork, actor: Actor) -> list[Place]:
    """Return the slots that are this person's by role, authorisation and name."""
    today = clock.local(clock.now()).date()
    places = []
    for declared in office.document_forms():
        for filled, slot in enumerate(declared.slots):
            if slot.role is None or slot.role not in actor.roles:
                continue
            if slot.purpose is Purpose.SIGNATORY:
                found = authorised(work, actor.unit, declared.cmis_type, today)
                if found is None or not same_name(actor.name, found.name):
                    continue
            fields = NAMED_IN.get(slot.purpose, ())
            places.append(Place(declared.id, declared.variants[0].id, filled, fields, actor.employee_code, actor.name))
    return places
