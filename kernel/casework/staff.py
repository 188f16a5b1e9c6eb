"""The people of the branch: signing in, and finding who may sign."""

from __future__ import annotations

from functools import cache
from secrets import token_hex

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, select

from kernel.api.documents import Role
from kernel.api.text import nfc
from kernel.casework.errors import SignInRefused
from kernel.casework.office import Actor, Office
from kernel.storage.tables import StaffRow

_HASHER = PasswordHasher()


def _actor(row: StaffRow) -> Actor:
    roles = tuple(Role(role) for role in row.roles.split(",") if role)
    return Actor(row.id, row.name, row.unit, roles, row.identity, row.employee_code, row.title)


def sign_in(office: Office, user: str, password: str) -> Actor:
    """Return the person whose password this is. Raises SignInRefused."""
    with office.work(reading=True) as work:
        row = work.session.get(StaffRow, nfc(user.strip()).casefold())
    known = row if row is not None and row.active else None
    # an unknown name takes as long as a wrong password
    right = _matches(known.password_hash if known else _nobody(), password)
    with office.work() as work:
        if known is None or not right:
            # never what was typed: it may be a password in the wrong line
            work.record(unit=office.unit, actor=known.id if known else "", action="sign_in_refused", subject="staff")
            work.commit()
            raise SignInRefused
        work.record(unit=known.unit, actor=known.id, action="sign_in", subject=known.id)
        work.commit()
    return _actor(known)


def _matches(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    """Return a hash no password has."""
    return _HASHER.hash(token_hex())


def add(session: Session, actor: Actor, password: str) -> None:
    """Add a person, or give the one with this id new details and a new password."""
    session.merge(
        StaffRow(
            id=actor.id,
            unit=actor.unit,
            employee_code=actor.employee_code,
            name=actor.name,
            title=actor.title,
            roles=",".join(actor.roles),
            identity=actor.identity,
            password_hash=_HASHER.hash(password),
        )
    )


def everyone(session: Session, unit: str) -> tuple[Actor, ...]:
    """Return the active people of a unit."""
    return tuple(_actor(row) for row in session.exec(select(StaffRow).where(StaffRow.unit == unit)) if row.active)


def with_role(session: Session, unit: str, role: Role) -> tuple[Actor, ...]:
    """Return the active people of a unit who have a role."""
    return tuple(actor for actor in everyone(session, unit) if role in actor.roles)
