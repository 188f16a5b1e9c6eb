"""Keys that stand ready, of an HSM or a remote service: who may ask for one, for which document, and for what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.casework.errors import KeyNotForDocument, KeyNotForPerson

if TYPE_CHECKING:
    from kernel.api.documents import Document, SignatureSlot
    from kernel.api.errors import QuayDienError
    from kernel.casework.office import Actor
    from kernel.settings import GrantSettings


def key_problem(key: GrantSettings, actor: Actor, document: Document, slot: SignatureSlot) -> QuayDienError | None:
    """Return why such a key does not sign this slot at this person's request, None where it does."""
    if slot.purpose not in key.purposes or (key.documents and document.id not in key.documents):
        return KeyNotForDocument(key=key.id, document=document.title)
    if not set(key.roles) & set(actor.roles):
        return KeyNotForPerson(key=key.id, name=actor.name, roles=", ".join(key.roles))
    return None
