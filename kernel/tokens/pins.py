"""The rules about wrong PINs: one try a call, counted before it is spent, and never the last one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kernel.tokens.errors import JournalUnwritable, PinFinalTry, PinLocked, PinWrong, PinWrongUncounted
from kernel.tokens.files import replace_file

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class PinFlags:
    """What CK_TOKEN_INFO says of the user PIN now (PKCS#11 v2.40, table 6)."""

    count_low: bool
    final_try: bool
    locked: bool


@dataclass(frozen=True, slots=True)
class _Count:
    wrong: int = 0
    token_tells: bool = False


class TryCounter:
    """Wrong PINs by token serial, on disk: a floor under the token's own flags, which may stay silent.

    `max_tries` of 0 means that nobody knows the number (some HSMs): then only the flags decide.
    """

    def __init__(self, path: Path, max_tries: int) -> None:
        self._path = path
        self._max_tries = max_tries

    def tries_left(self, serial: str, flags: PinFlags) -> int | None:
        """Return the tries left before the token locks, None where nobody knows."""
        if flags.locked:
            return 0
        if flags.final_try:
            return 1
        return max(self._max_tries - self._wrong(serial, flags), 0) if self._max_tries > 0 else None

    def refuse_last(self, serial: str, flags: PinFlags, token: str) -> None:
        """Raise PinLocked, or PinFinalTry when a wrong PIN now could lock the token."""
        if flags.locked:
            raise PinLocked(token=token)
        left = self.tries_left(serial, flags)
        if left is not None and left <= 1:
            raise PinFinalTry(token=token)

    def spend(self, serial: str, flags: PinFlags) -> None:
        """Count a try as wrong before the token sees it: a kill in between must not forget it."""
        self._write(serial, _Count(self._wrong(serial, flags) + 1, self._count(serial).token_tells))

    def refund(self, serial: str) -> None:
        """Take the last `spend` back: the token never judged the PIN."""
        count = self._count(serial)
        self._write(serial, _Count(max(count.wrong - 1, 0), count.token_tells))

    def forget(self, serial: str) -> None:
        """Start again from zero: the right PIN was given."""
        self._write(serial, _Count(0, self._count(serial).token_tells))

    def wrong(self, serial: str, flags: PinFlags, token: str) -> PinWrong | PinLocked:
        """Return the error of a wrong PIN; `flags` are those after it and show whether the token tells."""
        if flags.count_low or flags.final_try or flags.locked:
            self._write(serial, _Count(self._count(serial).wrong, token_tells=True))
        if flags.locked:
            return PinLocked(token=token)
        left = self.tries_left(serial, flags)
        if left is None:
            return PinWrongUncounted(token=token, tries_left=None)
        return PinWrong(token=token, tries_left=left)

    def _wrong(self, serial: str, flags: PinFlags) -> int:
        count = self._count(serial)
        if flags.count_low:
            return max(count.wrong, 1)  # somebody else may have spent one
        # a token that tells and is silent again has seen the right PIN elsewhere
        return 0 if count.token_tells else count.wrong

    def _count(self, serial: str) -> _Count:
        return self._counts().get(serial, _Count())

    def _counts(self) -> dict[str, _Count]:
        try:
            stored = json.loads(self._path.read_text("utf-8"))
            return {serial: _Count(int(wrong), bool(tells)) for serial, (wrong, tells) in stored.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise JournalUnwritable(detail=f"{self._path.name}: {type(error).__name__}") from error

    def _write(self, serial: str, count: _Count) -> None:
        counts = {**self._counts(), serial: count}
        data = {key: [value.wrong, value.token_tells] for key, value in counts.items()}
        replace_file(self._path, json.dumps(data).encode())
