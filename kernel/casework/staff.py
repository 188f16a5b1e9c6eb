"""The people of the branch: signing in, and finding who may sign."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, select

from kernel.api.documents import Role
from kernel.casework.errors import SignInRefused
from kernel.casework.office import Actor, Office
from kernel.storage.tables import StaffRow

_HASHER = PasswordHasher()


def _actor(row: StaffRow) -> Actor:
    roles = tuple(Role(role) for role in row.roles.split(",") if role)
    return Actor(row.id, row.name, row.unit, roles, row.identity, row.employee_code, row.title)


def sign_in(office: Office, user: str, password: str) -> Actor:
    """Return the person whose password this is. Raises SignInRefused."""
    with office.work() as work:
        row = work.session.get(StaffRow, user.strip().casefold())
        # an unknown name takes as long as a wrong password
        kept = row.password_hash if row and row.active else _HASHER.hash("")
        try:
            _HASHER.verify(kept, password)
        except (VerificationError, InvalidHashError) as error:
            work.record(unit=office.unit, actor=user.strip()[:40], action="sign_in_refused", subject="staff")
            work.commit()
            raise SignInRefused from error
        if row is None or not row.active:
            raise SignInRefused
        work.record(unit=row.unit, actor=row.id, action="sign_in", subject=row.id)
        work.commit()
        return _actor(row)


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
