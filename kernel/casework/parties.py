"""Whom a document names for each of its signature fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.api.documents import Purpose
from kernel.casework.entitlement import NAMED_IN, customer_identity
from kernel.signing.parties import Party

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kernel.api.documents import Document, SignatureSlot
    from kernel.api.fields import Value

__all__ = ["parties_of"]


def parties_of(declared: Document, values: Mapping[str, Value], branch: Mapping[str, str]) -> tuple[Party, ...]:
    """Return who is to sign, in the order of signing; a field nobody is named for is left out.

    `values` are the dossier's, `branch` the lines of party A with its signatory (`dai_dien`).
    """
    found = (_party(slot, values, branch) for slot in declared.slots)
    return tuple(party for party in found if any(party.names) or party.identity)


def _party(slot: SignatureSlot, values: Mapping[str, Value], branch: Mapping[str, str]) -> Party:
    if slot.purpose is Purpose.CUSTOMER:
        return Party(slot.field, slot.purpose, (str(values.get("ten_khach_hang", "")),), customer_identity(values))
    if slot.purpose is Purpose.SEAL:
        name = branch.get("ten_cong_ty") or branch.get("don_vi", "")
        return Party(slot.field, slot.purpose, (name,), branch.get("ma_so_thue", ""))
    if slot.purpose is Purpose.SIGNATORY:
        return Party(slot.field, slot.purpose, (branch.get("dai_dien", ""),))
    # an entry is a name or CMIS's CODE-NAME
    named = [str(values[field]) for field in NAMED_IN.get(slot.purpose, ()) if field in values]
    return Party(slot.field, slot.purpose, tuple(one.rpartition("-")[2].strip() for one in named))
