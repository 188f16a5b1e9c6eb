"""The visible part of a signature by NĐ 30/2020/NĐ-CP, Phụ lục I: a PDF of exactly the box's size, transparent."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from kernel.api.text import nfc
from kernel.documents.errors import MissingGlyph, TemplateBroken
from kernel.documents.letters import named, unprintable
from kernel.documents.typesetting import LIBRARY, FontChoice, LettersRefused, SourceRefused, families, press
from kernel.signing.stamp_time import MODEL_DAY, MODEL_HOUR, stamp_time

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from kernel.signing.boxes import SignatureBox

__all__ = ["Look", "Picture", "Stamp", "covered_left", "draw_note", "draw_stamp", "stamp_words"]

Look = Literal["person", "seal", "text"]
"""`person`: who signed, title, organisation, time, under the image of the handwritten signature where there is one.
`seal`: the image of the organisation's seal at its real size, nothing else.
`text`: number of the document, organisation, time: the organisation's signature without an image."""

MILLIMETRE = 72 / 25.4
"""In points."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A transparent PNG and the size it is drawn at, in points."""

    png: bytes
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Stamp:
    """All that makes a stamp but its time: `width` × `height` points, the size of the signature box.

    `clear` points on the left stay free of words, for the seal that will lie there (`covered_left`). Where `covered`,
    that seal is an image and will cover a third of the signatory's from its left.
    """

    look: Look
    width: float
    height: float
    name: str
    title: str = ""
    organisation: str = ""
    number: str = ""
    picture: Picture | None = None
    clear: float = 0.0
    covered: bool = False


def covered_left(box: SignatureBox, others: Iterable[SignatureBox]) -> float:
    """Return how many points of the left side of `box` other boxes overlap: where the round seal comes to stand."""
    return max(
        (
            other.x + other.width - box.x
            for other in others
            if other.page == box.page
            and other.x < box.x < other.x + other.width
            and other.y < box.y + box.height
            and box.y < other.y + other.height
        ),
        default=0.0,
    )


def stamp_words(stamp: Stamp, at: datetime) -> tuple[str, ...]:
    """Return what a stamp says at `at` (aware), line for line as it is drawn; nothing for the image of a seal."""
    when = " ".join(stamp_time(at))
    name, title, organisation, number = (
        " ".join(nfc(text).split()) for text in (stamp.name, stamp.title, stamp.organisation, stamp.number)
    )
    match stamp.look:
        case "seal":
            return ()
        case "text":
            lines = (number, organisation, when)
        case "person":
            rank = (", ".join(filter(None, (title, organisation))),) if stamp.picture else (title, organisation)
            lines = (f"Ký bởi: {name}", *rank, f"Thời gian ký: {when}")
    return tuple(filter(None, lines))


@lru_cache(maxsize=128)
def draw_stamp(stamp: Stamp, fonts: FontChoice = "machine") -> bytes:
    """Return a stamp as a PDF, drawn once for all signatures that look alike.

    Its second page holds a model time alone (`kernel.signing.stamp_time`), where the stamp shows one: signing sets the
    real one. Text that does not fit is set smaller; none is cut. Raises MissingGlyph.
    """
    lines = {
        key: " ".join(nfc(text).split())
        for key, text in (
            ("name", stamp.name), ("title", stamp.title), ("organisation", stamp.organisation), ("number", stamp.number)
        )
    }  # fmt: skip
    if letters := "".join(map(unprintable, lines.values())):
        raise MissingGlyph(document=stamp.title, field=stamp.name, letters=named(letters))
    picture = stamp.picture
    data = {
        **{key: value for key, value in asdict(stamp).items() if key != "picture"},
        **lines,
        "fonts": families(fonts),
        "day": MODEL_DAY,
        "hour": MODEL_HOUR,
        "image": list(picture.png) if picture else None,
        "length": picture.width if picture else 0,
        "aspect": picture.width / picture.height if picture else 1,
    }
    try:
        pdf, _ = press(LIBRARY / "stamp.typ", fonts, tagged=False).run(data)
    except LettersRefused as refusal:
        raise MissingGlyph(document=stamp.title, field=stamp.name, letters=named(refusal.letters)) from refusal
    except SourceRefused as refusal:
        raise TemplateBroken(document="stamp", detail=str(refusal)) from refusal
    return pdf


@lru_cache(maxsize=8)
def draw_note(text: str, fonts: FontChoice = "machine") -> bytes:
    """Return a line to put over a page that is shown and not signed, as a one-page PDF."""
    pdf, _ = press(LIBRARY / "note.typ", fonts, tagged=False).run({"text": nfc(text), "fonts": families(fonts)})
    return pdf
