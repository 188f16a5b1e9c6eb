"""The counter of wrong PINs, without a token."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kernel.tokens.errors import JournalUnwritable, PinFinalTry, PinLocked, PinWrong, PinWrongUncounted
from kernel.tokens.pins import PinFlags, TryCounter

if TYPE_CHECKING:
    from pathlib import Path

FINE = PinFlags(count_low=False, final_try=False, locked=False)
LOW = PinFlags(count_low=True, final_try=False, locked=False)
LAST = PinFlags(count_low=True, final_try=True, locked=False)
LOCKED = PinFlags(count_low=True, final_try=False, locked=True)


def counter(tmp_path: Path, max_tries: int = 3) -> TryCounter:
    return TryCounter(tmp_path / "tries.json", max_tries)


def wrong(counted: TryCounter, before: PinFlags, after: PinFlags) -> PinWrong | PinLocked:
    counted.spend("s1", before)
    return counted.wrong("s1", after, "Ký số")


def test_the_count_goes_down_and_survives(tmp_path: Path) -> None:
    assert counter(tmp_path).tries_left("s1", FINE) == 3
    wrong(counter(tmp_path), FINE, FINE)
    assert counter(tmp_path).tries_left("s1", FINE) == 2
    assert counter(tmp_path).tries_left("s2", FINE) == 3
    counter(tmp_path).forget("s1")
    assert counter(tmp_path).tries_left("s1", FINE) == 3


def test_the_last_try_is_refused(tmp_path: Path) -> None:
    counted = counter(tmp_path, 2)
    counted.refuse_last("s1", FINE, "Ký số")
    wrong(counted, FINE, FINE)
    with pytest.raises(PinFinalTry):
        counted.refuse_last("s1", FINE, "Ký số")


def test_flags_go_before_the_count(tmp_path: Path) -> None:
    counted = counter(tmp_path)
    assert counted.tries_left("s1", LAST) == 1
    assert counted.tries_left("s1", LOCKED) == 0
    with pytest.raises(PinFinalTry):
        counted.refuse_last("s1", LAST, "Ký số")
    with pytest.raises(PinLocked):
        counted.refuse_last("s1", LOCKED, "Ký số")


def test_a_token_that_tells_and_is_silent_again_is_believed(tmp_path: Path) -> None:
    counted = counter(tmp_path)
    wrong(counted, FINE, LOW)
    wrong(counted, LOW, LAST)
    assert counted.tries_left("s1", FINE) == 3


def test_a_token_that_never_tells_is_not_believed(tmp_path: Path) -> None:
    counted = counter(tmp_path)
    wrong(counted, FINE, FINE)
    assert counted.tries_left("s1", FINE) == 2


def test_a_kill_during_the_login_counts_as_a_wrong_pin(tmp_path: Path) -> None:
    counter(tmp_path).spend("s1", FINE)
    assert counter(tmp_path).tries_left("s1", FINE) == 2


def test_a_pin_that_was_not_judged_is_given_back(tmp_path: Path) -> None:
    counted = counter(tmp_path)
    counted.spend("s1", FINE)
    counted.refund("s1")
    assert counted.tries_left("s1", FINE) == 3


def test_without_a_number_only_the_flags_decide(tmp_path: Path) -> None:
    counted = counter(tmp_path, 0)
    error = wrong(counted, FINE, LOW)
    assert isinstance(error, PinWrongUncounted) and error.tries_left is None
    assert "None" not in str(error.diagnosis("vi"))
    counted.refuse_last("s1", LOW, "Ký số")
    with pytest.raises(PinFinalTry):
        counted.refuse_last("s1", LAST, "Ký số")


@pytest.mark.parametrize("damage", ["", "[]", '{"s1": 1}', '{"s1": ["x", true]}', "{"])
def test_a_damaged_count_stops_the_signer(tmp_path: Path, damage: str) -> None:
    (tmp_path / "tries.json").write_text(damage, "utf-8")
    with pytest.raises(JournalUnwritable):
        counter(tmp_path).tries_left("s1", FINE)


def test_an_unwritable_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(JournalUnwritable):
        TryCounter(tmp_path / "missing" / "tries.json", 3).spend("s1", FINE)
