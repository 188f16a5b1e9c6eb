"""The practice branch's seal and handwritten signatures, drawn by this program: nobody's hand, nobody's seal."""

from __future__ import annotations

import hashlib
import math
from importlib.resources import files
from random import Random
from typing import TYPE_CHECKING

from console.practice.people import BRANCH, PEOPLE, TAX_CODE, UNIT
from kernel.casework.stamp_images import SEAL, add_image, images

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from kernel.storage.blobs import Blobs

__all__ = ["give_images", "handwriting", "practice_seal"]

_BLUE = "#1a3fa0"


def give_images(engine: Engine, blobs: Blobs) -> None:
    """Give the practice branch the images it lacks."""
    there = {one.staff for one in images(engine, UNIT)}
    wanted = {SEAL: practice_seal} | {
        person.user: (lambda name=person.name: handwriting(name)) for person in PEOPLE if person.token
    }
    for staff, draw in wanted.items():
        if staff not in there:
            add_image(engine, blobs, unit=UNIT, staff=staff, content=draw(), millimetres=None, by="system")


def practice_seal() -> bytes:
    """Return the practice seal as a PNG of 36 mm, marked THỰC HÀNH."""
    import typst

    made = typst.compile(
        files("console.practice").joinpath("seal.typ").read_bytes(),
        format="png",
        ppi=400,
        sys_inputs={"organisation": BRANCH, "tax_code": TAX_CODE},
    )
    if not isinstance(made, bytes):
        raise TypeError("one page, one picture")
    return made


def handwriting(name: str) -> bytes:
    """Return a made-up signature as an SVG file: the same name gives the same strokes."""
    dice = Random(hashlib.sha256(name.encode()).digest())  # noqa: S311 - a drawing, no secret
    tall = dice.uniform(26, 34)
    # a large loop for the first letter, then smaller ones that run on, then a line under them all
    points = [
        (16 + 13 * math.cos(step / 9), 44 - tall * math.sin(step / 9) * (0.6 + 0.4 * math.sin(step / 23)))
        for step in range(8, 78)
    ]
    x, phase = points[-1][0], 0.0
    heights = [dice.uniform(5, 11) for _ in range(5)] + [dice.uniform(14, 24)] + [dice.uniform(4, 8) for _ in range(4)]
    for height in heights:
        for _ in range(14):
            phase += 2 * math.pi / 14
            x += dice.uniform(0.55, 0.85)
            points.append((x + 3.4 * math.cos(phase), 50 - height * math.sin(phase)))
    points += [(x + 24 - step * (x + 10) / 30, 66 + 5 * math.sin(step / 6) - step / 7) for step in range(31)]
    line = " ".join(f"{'M' if at == 0 else 'L'}{px:.1f} {py:.1f}" for at, (px, py) in enumerate(points))
    stroke = f'fill="none" stroke="{_BLUE}" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {x + 30:.0f} 90"><path d="{line}" {stroke}/></svg>'
    ).encode()
