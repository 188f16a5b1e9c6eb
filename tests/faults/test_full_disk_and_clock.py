"""A disk that is full while a token signs, and a clock that is set back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pytest

from kernel.casework import consenting, signing
from kernel.errors import StorageFull
from kernel.storage.blobs import Blobs
from kernel.tokens.journal import read_log
from tests.faults import branches

if TYPE_CHECKING:
    from tests.practice import Branch


def _full(blobs: Blobs, content: bytes) -> NoReturn:
    del content
    raise StorageFull(path=blobs.folder, detail="No space left on device")


def _signed(branch: Branch) -> list[str]:
    return [line.request for line in read_log(branch.home / "state/signer/softhsm") if line.result == "signed"]


@pytest.mark.parametrize("again", ["the clerk signs again", "the program starts again"])
def test_a_signature_without_room_is_released_later_and_not_made_twice(
    drawn: Branch, monkeypatch: pytest.MonkeyPatch, again: str
) -> None:
    document = drawn.agree(drawn.document(drawn.case_id))
    with monkeypatch.context() as patched:
        patched.setattr(Blobs, "put", _full)
        with pytest.raises(StorageFull):
            drawn.sign(document)
    assert drawn.document(drawn.case_id) == document
    if again == "the clerk signs again":
        assert drawn.sign(document).filled[-1].field == "ben_ban"
    else:
        assert signing.finish_interrupted(drawn.office) == 1
    assert drawn.document(drawn.case_id).filled[-1].field == "ben_ban"
    assert len(_signed(drawn)) == 1
    assert drawn.sign(drawn.document(drawn.case_id)).filled[-1].field == "con_dau"
    assert len(_signed(drawn)) == 2
    branches.intact(drawn.home)


def test_a_consent_without_room_leaves_the_code_good(drawn: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    document = drawn.document(drawn.case_id)
    consenting.send_code(drawn.office, drawn.clerk, document.id, document.pages)
    code = drawn.code(drawn.case.phone)
    with monkeypatch.context() as patched:
        patched.setattr(Blobs, "put", _full)
        with pytest.raises(StorageFull):
            consenting.answer_code(drawn.office, drawn.clerk, document.id, code, "spoken")
    agreed = consenting.answer_code(drawn.office, drawn.clerk, document.id, code, "spoken")
    assert agreed.filled[-1].means == "consent"
    branches.intact(drawn.home)


def test_a_clock_set_back_neither_delays_nor_kills_the_next_code(drawn: Branch) -> None:
    document = drawn.document(drawn.case_id)
    consenting.send_code(drawn.office, drawn.clerk, document.id, document.pages)
    drawn.clock.forward(hours=-2)
    consenting.send_code(drawn.office, drawn.clerk, document.id, document.pages)
    agreed = consenting.answer_code(drawn.office, drawn.clerk, document.id, drawn.code(drawn.case.phone), "spoken")
    assert agreed.filled[-1].means == "consent"
