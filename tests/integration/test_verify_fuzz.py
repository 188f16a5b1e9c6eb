"""Damaged files of every kind get a report, and none is called valid that was changed; `./run bench fuzz` does more."""

from __future__ import annotations

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.fuzz import judged
from tests.pdf_mutations import KINDS, mutated, unchanged
from tests.pdf_updates import signed
from tests.pki import agreed, contract


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.booleans())
def test_a_damaged_file_gets_an_answer(seed: int, whole: bool) -> None:
    source = contract().pdf if whole else signed()
    _, pdf = mutated(source, random.Random(seed), [signed(), agreed()])
    assert judged(pdf, contract().trust, [contract().pdf, signed()]) == ""


def test_damage_can_be_made_again() -> None:
    for kind, change in KINDS.items():
        one, two = (change(signed(), random.Random(kind), [agreed()]) for _ in range(2))
        assert "update" in kind or one == two  # an update carries the time it was made
        assert any(change(signed(), random.Random(number), [agreed()]) != signed() for number in range(20)), kind


def test_what_counts_as_unchanged() -> None:
    pdf = contract().pdf
    for same in (pdf, pdf + b"\r\n", signed()):
        assert unchanged(same, [pdf, signed()])
    for other in (pdf[:-2], pdf + b" ", pdf.replace(b"/Type", b"/Typf", 1), b"", b"%%EOF"):
        assert not unchanged(other, [pdf])
