"""The visible part of a signature: a one-page PDF of exactly the box's size, transparent, fonts embedded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from kernel.api.text import nfc
from kernel.clock import local
from kernel.documents.errors import MissingGlyph, TemplateBroken
from kernel.documents.letters import named, unprintable
from kernel.documents.typesetting import LIBRARY, FontChoice, LettersRefused, SourceRefused, families, press

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from kernel.signing.boxes import SignatureBox

StampKind = Literal["person", "seal"]


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


def draw_stamp(
    kind: StampKind,
    *,
    width: float,
    height: float,
    name: str,
    title: str,
    organisation: str,
    at: datetime,
    tax_code: str = "",
    clear_left: float = 0.0,
    fonts: FontChoice = "machine",
) -> bytes:
    """Return the stamp of a person (blue frame) or an organisation's round red seal, `width` × `height` points.

    A person's stamp reads: who signed, title, organisation, and `at` (aware) as ISO 8601 date and time with +07:00
    (NĐ 30/2020/NĐ-CP, Phụ lục I). A seal has `organisation` and `tax_code` around its ring and `name` inside.
    Text that does not fit is set smaller. `clear_left` points of a person's stamp stay free of text, for the seal that
    will cover them (`covered_left`). Raises MissingGlyph.
    """
    moment = local(at)
    zone = f"{moment:%z}"
    hour = f"{moment:%H:%M:%S} {zone[:3]}:{zone[3:]}"
    lines = {
        key: " ".join(nfc(text).split())
        for key, text in (("name", name), ("title", title), ("organisation", organisation), ("tax_code", tax_code))
    }
    if letters := "".join(map(unprintable, lines.values())):
        raise MissingGlyph(document=title, field=name, letters=named(letters))
    data = {
        **lines,
        "kind": kind,
        "width": width,
        "height": height,
        "clear": clear_left,
        "fonts": families(fonts),
        "day": f"{moment:%Y-%m-%d}",
        "hour": hour,
        "date": [moment.year, moment.month, moment.day],
    }
    try:
        pdf, _ = press(LIBRARY / "stamp.typ", fonts, tagged=False).run(data)
    except LettersRefused as refusal:
        raise MissingGlyph(document=title, field=name, letters=named(refusal.letters)) from refusal
    except SourceRefused as refusal:
        raise TemplateBroken(document="stamp", detail=str(refusal)) from refusal
    return pdf
