"""Who may do what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.api.documents import Role
from kernel.dossier.errors import RoleNotAllowed

if TYPE_CHECKING:
    from collections.abc import Collection

    from kernel.api.documents import SignatureSlot
    from kernel.api.services import Step


def may_do(step: Step, roles: Collection[Role]) -> bool:
    """Whether someone with these roles may do the step's work."""
    return step.role in roles


def may_sign(slot: SignatureSlot, roles: Collection[Role]) -> bool:
    """Whether someone with these roles may sign the field; the customer's field is nobody's."""
    return slot.role is not None and slot.role in roles


def expect_role(step: Step, roles: Collection[Role]) -> None:
    """Raise RoleNotAllowed unless one of `roles` does the step."""
    if not may_do(step, roles):
        raise RoleNotAllowed(action=step.title.vi, role=step.role.short)


def expect_signer(slot: SignatureSlot, roles: Collection[Role]) -> None:
    """Raise RoleNotAllowed unless one of `roles` signs the field."""
    if not may_sign(slot, roles):
        raise RoleNotAllowed(action=slot.title.vi, role=slot.role.short if slot.role else "khách hàng")
