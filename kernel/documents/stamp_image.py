"""Images for visible signatures, taken in once: checked, cropped to their ink, written anew as a plain transparent PNG.

NĐ 30/2020/NĐ-CP, Phụ lục I: a handwritten signature is blue, a seal red and of its real size, both on a transparent
ground. Nothing of the file that came in is kept but its pixels.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Literal

import typst
from PIL import Image, ImageStat

from kernel.api.text import Text
from kernel.documents.stamp_errors import (
    ImageColour,
    ImageOpaque,
    ImagePixels,
    ImageRealSize,
    ImageTooLarge,
    ImageUnreadable,
)
from kernel.documents.stamp_svg import refuse_unsafe

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["REAL_SIZE", "ImageKind", "StampImage", "take_in"]

ImageKind = Literal["signature", "seal"]

REAL_SIZE: dict[ImageKind, tuple[float, float, float]] = {"signature": (20, 40, 60), "seal": (15, 36, 36)}
"""Millimetres of the ink's width: least, usual, most. A seal's box in the documents is 36 mm wide."""

_MOST_BYTES = 2 * 1024 * 1024
_PIXELS = (100, 4000)
"""Least of the longer side, most of either."""
_DPI = 400
_INK = 24
"""Opacity (of 255) from which on a pixel is ink."""
_CLEAR = 0.1
"""Least share of the image that is not ink."""


@dataclass(frozen=True, slots=True)
class StampImage:
    """A checked image: PNG, RGBA, cropped to its ink. `width` and `height` are the real size in millimetres."""

    png: bytes
    width: float
    height: float


def take_in(content: bytes, kind: ImageKind, millimetres: float | None = None) -> StampImage:
    """Return the image of a PNG or SVG file; `millimetres` is how wide its ink really is.

    Raises ImageTooLarge, ImageUnreadable, ImagePixels, ImageForbidden, ImageOpaque, ImageColour, ImageRealSize.
    """
    least, usual, most = REAL_SIZE[kind]
    width = usual if millimetres is None else millimetres
    if not least <= width <= most:
        raise ImageRealSize(millimetres=f"{width:g}", least=f"{least:g}", most=f"{most:g}")
    if len(content) > _MOST_BYTES:
        raise ImageTooLarge(kilobytes=len(content) // 1024, most=_MOST_BYTES // 1024)
    image = _read(content) if content.startswith(b"\x89PNG\r\n\x1a\n") else _read(_rastered(content, width))
    ink = image.getchannel("A").point(_is_ink)
    covered = ImageStat.Stat(ink).mean[0] / 255
    box = ink.getbbox()
    if box is None or covered > 1 - _CLEAR:
        raise ImageOpaque(share=f"{covered:.0%}")
    cropped = image.crop(box)
    if max(cropped.size) < _PIXELS[0]:
        raise ImagePixels(width=cropped.width, height=cropped.height, least=_PIXELS[0], most=_PIXELS[1])
    _refuse_colour(cropped, ink.crop(box), kind)
    sharp = _no_sharper(cropped, round(width / 25.4 * _DPI))
    out = BytesIO()
    sharp.save(out, "PNG", optimize=True)
    return StampImage(out.getvalue(), width, width * cropped.height / cropped.width)


def _is_ink(opacity: float) -> int:
    return 255 if opacity >= _INK else 0


def _read(png: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            image = Image.open(BytesIO(png), formats=("PNG",))
            width, height = image.size
            # told before anything is unpacked: a small file may hold a picture of gigabytes
            if max(width, height) > _PIXELS[1] or max(width, height) < _PIXELS[0]:
                raise ImagePixels(width=width, height=height, least=_PIXELS[0], most=_PIXELS[1])
            return image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError, EOFError) as problem:
        raise ImageUnreadable(detail=f"{type(problem).__name__}: {problem}") from problem


def _rastered(svg: bytes, millimetres: float) -> bytes:
    """Return an SVG file as a PNG on a square wide enough, at the resolution that is kept."""
    refuse_unsafe(svg)
    page = f"#set page(width: {millimetres:.3f}mm, height: {millimetres:.3f}mm, margin: 0pt, fill: none)\n"
    shown = page + '#image(bytes(sys.inputs.svg), format: "svg", width: 100%, height: 100%, fit: "contain")'
    try:
        png = typst.compile(shown.encode(), format="png", ppi=_DPI, sys_inputs={"svg": svg.decode()})
    except RuntimeError as refusal:
        raise ImageUnreadable(detail=str(refusal)) from refusal
    if not isinstance(png, bytes):
        raise ImageUnreadable(detail="SVG")
    return png


_COLOURS: dict[ImageKind, tuple[Text, Callable[[float, float, float], bool]]] = {
    "seal": (Text("đỏ", "red"), lambda red, green, blue: red > 1.4 * green and red > 1.4 * blue),
    "signature": (Text("xanh", "blue"), lambda red, green, blue: blue > 1.25 * red and blue > 1.05 * green),
}


def _refuse_colour(image: Image.Image, ink: Image.Image, kind: ImageKind) -> None:
    wanted, fits = _COLOURS[kind]
    red, green, blue = ImageStat.Stat(image.convert("RGB"), ink).mean
    if not fits(red, green, blue):
        raise ImageColour(wanted=wanted, found=f"#{round(red):02x}{round(green):02x}{round(blue):02x}")


def _no_sharper(image: Image.Image, width: int) -> Image.Image:
    """Return the image at most `width` pixels wide: every signature carries it in its file."""
    if image.width <= width:
        return image
    height = max(1, round(image.height * width / image.width))
    # colours of clear pixels must not bleed into the rim of the ink
    return image.convert("RGBa").resize((width, height), Image.Resampling.LANCZOS).convert("RGBA")
