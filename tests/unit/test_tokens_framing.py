"""Frames, errors on the wire, the words of every error, module names."""

from __future__ import annotations

import io
import string
import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.api.messages import area
from kernel.signing.errors import FieldMissing
from kernel.tokens import errors
from kernel.tokens.framing import FrameError, read_frame, write_frame

if TYPE_CHECKING:
    from kernel.api.text import Language

VALUES = st.dictionaries(st.text(), st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.text(), max_size=5)


@given(VALUES, st.lists(st.binary(max_size=100), max_size=3))
def test_frames_come_back_as_they_went(header: dict[str, object], parts: list[bytes]) -> None:
    header.pop("parts", None)
    pipe = io.BytesIO()
    write_frame(pipe, header, parts)
    write_frame(pipe, {"đuôi": "Ệ"})
    pipe.seek(0)
    assert read_frame(pipe) == (header, parts)
    assert read_frame(pipe) == ({"đuôi": "Ệ"}, [])
    assert read_frame(pipe) is None


@pytest.mark.parametrize(
    "damaged",
    [
        b"\0",
        struct.pack(">I", 10) + b"{}",
        struct.pack(">I", 2) + b"{}",
        struct.pack(">I", 4) + b"null",
        struct.pack(">I", 2**31),
        struct.pack(">I", 14) + b'{"parts": [5]}',
        struct.pack(">I", 15) + b'{"parts": [-1]}',
        struct.pack(">I", 24) + b'{"parts": [99999999999]}',
        b"vendor says hello\n" * 10,
    ],
)
def test_damaged_frames_are_refused(damaged: bytes) -> None:
    with pytest.raises(FrameError):
        read_frame(io.BytesIO(damaged))


def kinds() -> list[type[errors.TokenError]]:
    found, waiting = [], [errors.TokenError]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting.extend(kind.__subclasses__())
    return found


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_error_has_its_words_and_no_others_are_left(language: Language) -> None:
    table = area("token", language)
    assert {kind.code.removeprefix("token.") for kind in kinds()} == set(table)
    for name, entry in table.items():
        assert set(entry) == {"title", "cause", "advice"}, name
        assert all(text.strip() for text in entry.values())


def test_both_languages_use_the_same_facts() -> None:
    def facts(entry: dict[str, str]) -> set[str | None]:
        return {field for text in entry.values() for _, field, _, _ in string.Formatter().parse(text)} - {None}

    english = area("token", "en")
    for name, entry in area("token", "vi").items():
        assert facts(entry) == facts(english[name]), name


def test_errors_cross_the_wire_as_themselves() -> None:
    wrong = errors.from_wire(errors.to_wire(errors.PinWrong(token="Ký số Ữ", tries_left=2)))
    assert isinstance(wrong, errors.PinWrong) and wrong.tries_left == 2
    missing = errors.from_wire(errors.to_wire(FieldMissing(field="ben_bán")))
    assert isinstance(missing, FieldMissing) and missing.facts == {"field": "ben_bán"}
    assert isinstance(errors.from_wire({"code": "elsewhere.odd", "facts": {}}), errors.TokenFault)
