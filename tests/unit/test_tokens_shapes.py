"""What passes between the console and the signer: the room for a time stamp is part of what is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kernel.tokens.errors import RequestInvalid
from kernel.tokens.shapes import MOST_UNSIGNED, request_from
from tests.tokens_kit import request

ASKED = request(b"chung thu")


def test_a_request_comes_back_as_it_went() -> None:
    for asked in (ASKED, replace(ASKED, unsigned_attribute=10_050)):
        assert request_from(asked.header(), None) == asked


def test_the_room_is_part_of_what_is_asked_only_where_there_is_one() -> None:
    # results kept before there was any room must still be found
    assert "unsigned_attribute" not in ASKED.header()
    assert replace(ASKED, unsigned_attribute=1).fingerprint("00") != ASKED.fingerprint("00")


@pytest.mark.parametrize("room", [-1, MOST_UNSIGNED + 1, "1", 1.5, True, None])
def test_a_room_that_is_none(room: object) -> None:
    with pytest.raises(RequestInvalid):
        request_from({**ASKED.header(), "unsigned_attribute": room}, None)
