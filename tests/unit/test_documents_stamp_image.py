"""Images of seals and signatures: what is taken in, what is refused, and that nothing of the file survives but ink."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, PngImagePlugin

from kernel.documents.stamp_errors import (
    ImageColour,
    ImageForbidden,
    ImageOpaque,
    ImagePixels,
    ImageRealSize,
    ImageTooLarge,
    ImageUnreadable,
    StampImageError,
)
from kernel.documents.stamp_image import take_in
from tests.said import said

RED, BLUE = (200, 16, 46, 255), (18, 60, 140, 255)


def ring(size: int = 800, colour: tuple[int, ...] = RED, **save: Any) -> bytes:
    image = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    rim = size // 16
    ImageDraw.Draw(image).ellipse((rim, rim, size - rim, size - rim), outline=colour, width=max(1, rim))
    return written(image, **save)


def written(image: Image.Image, **save: Any) -> bytes:
    out = BytesIO()
    image.save(out, "PNG", **save)
    return out.getvalue()


def svg(inside: str = "", more: str = "") -> bytes:
    shape = '<path d="M5 25 C 20 0, 30 50, 45 20 S 80 5, 95 30" fill="none" stroke="#123c8c" stroke-width="3"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50" {more}>{inside}{shape}</svg>'.encode()


def test_an_image_is_cropped_to_its_ink_and_no_sharper_than_needed() -> None:
    taken = take_in(ring(2400), "seal")
    image = Image.open(BytesIO(taken.png))
    assert (taken.width, round(taken.height, 2)) == (36, 36.0)
    assert image.mode == "RGBA"
    assert image.width == round(36 / 25.4 * 400)
    assert image.getchannel("A").getbbox() == (0, 0, *image.size)
    small = Image.open(BytesIO(take_in(ring(400), "seal", 30).png))
    assert small.size == (351, 351)


def test_nothing_of_the_file_is_kept_but_its_pixels() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "Nguyễn Thị Bí Mật")
    info.add_text("gps", "21.03,105.85")
    taken = take_in(ring(pnginfo=info, dpi=(72, 72)), "seal").png
    assert b"tEXt" not in taken
    assert b"gps" not in taken
    assert set(chunks(taken)) <= {b"IHDR", b"IDAT", b"IEND"}
    assert take_in(ring(), "seal").png == taken


def chunks(png: bytes) -> list[bytes]:
    found, place = [], 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        found.append(png[place + 4 : place + 8])
        place += 12 + length
    return found


def test_strokes_of_an_svg_become_ink() -> None:
    taken = take_in(svg(), "signature")
    image = Image.open(BytesIO(taken.png))
    assert taken.width == 40
    assert 10 < taken.height < 20
    solid = [colour for _, colour in image.getcolors(1 << 20) or () if isinstance(colour, tuple) and colour[3] == 255]
    assert (18, 60, 140, 255) in solid


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that says it is enormous."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    data = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def opaque() -> bytes:
    return written(Image.new("RGB", (400, 400), RED[:3]))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", ImageUnreadable),
        ("không phải hình".encode(), ImageUnreadable),
        (b"\xff\xd8\xff\xe0JFIF", ImageUnreadable),
        (ring()[:600], ImageUnreadable),
        (ring().replace(b"IDAT", b"IDAX", 1), ImageUnreadable),
        (b"\x89PNG\r\n\x1a\n", ImageUnreadable),
        (bomb(3999, 3999), ImageUnreadable),
        (bomb(9_000, 9_000), ImagePixels),
        (bomb(60_000, 60_000), ImageUnreadable),
        (bomb(2**31 - 1, 2**31 - 1), ImageUnreadable),
        (ring(60), ImagePixels),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * (2 * 1024 * 1024), ImageTooLarge),
        (opaque(), ImageOpaque),
        (written(Image.new("RGBA", (400, 400), (0, 0, 0, 0))), ImageOpaque),
        (ring(colour=BLUE), ImageColour),
        (ring(colour=(20, 20, 20, 255)), ImageColour),
        (svg(), ImageColour),
    ],
)  # fmt: skip
def test_what_is_no_seal_is_refused(content: bytes, problem: type[StampImageError]) -> None:
    with pytest.raises(problem) as caught:
        take_in(content, "seal")
    said(caught.value)


def test_a_signature_is_blue() -> None:
    assert take_in(ring(colour=BLUE), "signature").width == 40
    with pytest.raises(ImageColour) as black:
        take_in(ring(colour=(10, 10, 10, 255)), "signature")
    assert "xanh" in said(black.value)


@pytest.mark.parametrize("millimetres", [0, -3, 14.9, 36.1, 1e9, float("nan")])
def test_a_seal_has_a_real_size(millimetres: float) -> None:
    with pytest.raises(ImageRealSize) as caught:
        take_in(ring(), "seal", millimetres)
    said(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + svg("<title>&b;</title>"),
        svg('<image href="http://127.0.0.1/x.png"/>'),
        svg('<image href="file:///etc/passwd"/>'),
        svg('<use href="#a"/>'),
        svg("<script>alert(1)</script>"),
        svg("<text>THỰC HÀNH</text>"),
        svg('<filter id="f"><feGaussianBlur stdDeviation="1e9"/></filter>'),
        svg("<style>@import url(http://127.0.0.1/x.css)</style>"),
        svg('<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>'),
        svg('<rect fill="url(http://127.0.0.1/#a)"/>'),
        svg('<linearGradient xmlns:x="http://www.w3.org/1999/xlink" x:href="file:///etc/passwd"/>'),
        svg("<g>" * 60 + "</g>" * 60),
        svg("<g/>" * 20_001),
    ],
)
def test_an_svg_holds_shapes_alone(content: bytes) -> None:
    with pytest.raises(ImageForbidden) as caught:
        take_in(content, "signature")
    said(caught.value)


@pytest.mark.parametrize(
    "content", [b"<svg/>", b"<svg xmlns='http://www.w3.org/2000/svg'", "<ảnh/>".encode(), b"<svg>\xff"]
)
def test_a_broken_svg_is_told(content: bytes) -> None:
    with pytest.raises(ImageUnreadable):
        take_in(content, "signature")


def test_a_very_long_svg_is_drawn_no_larger_than_a_signature() -> None:
    thin = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="100000"><rect width="1" height="100000"/></svg>'
    with pytest.raises(StampImageError):
        take_in(thin, "signature")


@given(place=st.integers(0, 2000), byte=st.integers(0, 255))
@settings(max_examples=150, deadline=None)
def test_a_damaged_file_is_an_image_or_an_error_of_ours(place: int, byte: int) -> None:
    good = ring(200)
    at = place % len(good)
    try:
        taken = take_in(good[:at] + bytes([byte]) + good[at + 1 :], "seal")
    except StampImageError:
        return
    assert Image.open(BytesIO(taken.png)).mode == "RGBA"
