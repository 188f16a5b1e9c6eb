"""The time stamp inside a signature just made: asked for between signing and release, never an obstacle to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kernel.api.errors import QuayDienError
from kernel.casework.errors import NotReleased
from kernel.signing.levels import Level

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel.api.text import Text
    from kernel.casework.office import Office
    from kernel.signing.ports import TimeStamper

__all__ = ["AT_ONCE", "SignedFile", "passed", "room", "stamper", "time_stamped"]

AT_ONCE = 8
"""Time stamps of a batch asked for side by side: as many lines to an authority stay open."""


@dataclass(frozen=True, slots=True)
class SignedFile:
    """A file with the signature just made, and that signature's level: B-T with a time stamp inside, else B-B."""

    pdf: bytes
    level: Level = Level.B_B
    obstacle: QuayDienError | None = None
    """Why it has no time stamp, where one was asked for."""


def stamper(office: Office) -> TimeStamper | None:
    """Return what gives time stamps while somebody waits, None where no authority is configured."""
    return office.trust_services.at_signing if office.trust_services else None


def room(office: Office) -> int:
    """Return the bytes to leave free in a signature for its time stamp: none where no authority is configured."""
    from kernel.signing.signature_time_stamp import attribute_size

    found = stamper(office)
    try:
        return attribute_size(found) if found is not None else 0
    except QuayDienError:
        return 0  # sizes that can't be read stop no signature; the document gets its time stamp from the worker


def time_stamped(office: Office, pdf: bytes, update: int) -> SignedFile:
    """Return a file, signed by its last `update` bytes, with a time stamp inside that signature where one came in time.

    Nothing is raised: what stood in the way is told with the file as it was.
    """
    from kernel.signing.stamp_update import stamp_update

    found = stamper(office)
    if found is None:
        return SignedFile(pdf)
    size = len(pdf) - update
    try:
        stamped = stamp_update(pdf[size:], size, found)
    except QuayDienError as problem:
        return SignedFile(pdf, obstacle=problem)
    return SignedFile(pdf[:size] + stamped, Level.B_T)


def passed(signed: SignedFile, plain: bytes, doubt: Callable[[bytes], Text | None], first: Text | None) -> SignedFile:
    """Return what may be released: the file, or the `plain` one where only the time stamp makes it doubtful.

    `first` is the doubt about the file, `doubt` reads another. Raises NotReleased.
    """
    if first is None:
        return signed
    found = NotReleased(detail=first)
    if signed.level is Level.B_B or doubt(plain) is not None:
        raise found
    return SignedFile(plain, obstacle=found)
