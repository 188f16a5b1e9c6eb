"""Where a signature stands on the page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SignatureBox:
    """The rectangle of one signature field.

    `field` is the name of the AcroForm field, `page` counts from 1. `x`, `y` (of the box's top-left corner, measured
    from the page's top-left corner), `width` and `height` are PDF points (1/72 inch).
    """

    field: str
    page: int
    x: float
    y: float
    width: float
    height: float
