"""No published attack on PDF signatures passes for a valid document."""

from __future__ import annotations

import pytest
from pyhanko.sign.fields import MDPPerm

from kernel.signing.report import Verdict
from kernel.signing.verify import verify
from tests import pdf_attacks, pdf_shadows
from tests.pdf_updates import ATTACKS, certified, prepared, signed
from tests.pki import contract


@pytest.mark.parametrize(
    "make", [signed, prepared, *(lambda level=level: certified(level) for level in MDPPerm)], ids=range(5)
)
def test_what_is_attacked_is_valid_before(make: object) -> None:
    assert callable(make)
    assert verify(make(), contract().trust, seconds=30).verdict is Verdict.VALID


def test_attacks_of_every_family_are_here() -> None:
    assert {pdf_attacks.__name__, pdf_shadows.__name__} <= {_module(make) for make in ATTACKS.values()}
    assert len(ATTACKS) > 100


def _module(make: object) -> str:
    return str(getattr(getattr(make, "func", make), "__module__", ""))


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_never_valid(name: str) -> None:
    report = verify(ATTACKS[name](), contract().trust, seconds=30)
    assert report.verdict is not Verdict.VALID
    assert all(reason.text(language) for reason in report.reasons for language in ("vi", "en"))
    assert report.reasons
