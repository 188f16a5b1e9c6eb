"""An SVG file from outside is drawn only if it is plain shapes: nothing that is fetched, repeated, filtered or run."""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree as Xml

from kernel.documents.stamp_errors import ImageForbidden, ImageUnreadable

__all__ = ["refuse_unsafe"]

_SVG = "{http://www.w3.org/2000/svg}"
_SHAPES: Final = frozenset(
    {
        "svg", "g", "defs", "title", "desc", "metadata", "path", "rect", "circle", "ellipse", "line", "polyline",
        "polygon", "linearGradient", "radialGradient", "stop",
    }
)  # fmt: skip
_MOST_ELEMENTS = 20_000
_MOST_DEPTH = 50
_OUTSIDE = re.compile(r"url\(\s*['\"]?(?!#)|@import|expression\(", re.IGNORECASE)


def refuse_unsafe(svg: bytes) -> None:
    """Return if the file holds plain shapes alone. Raises ImageUnreadable and ImageForbidden."""
    try:
        text = svg.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise ImageUnreadable(detail="UTF-8") from problem
    # entities can grow without bound, and nothing else needs a DTD
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ImageForbidden(found="<!DOCTYPE>")
    try:
        root = Xml.fromstring(text)  # noqa: S314 - no entities, and at most two megabytes
    except Xml.ParseError as problem:
        raise ImageUnreadable(detail=f"XML: {problem}") from problem
    if root.tag != f"{_SVG}svg":
        raise ImageUnreadable(detail="<svg>")
    waiting, count = [(root, 1)], 0
    while waiting:
        element, depth = waiting.pop()
        count += 1
        if count > _MOST_ELEMENTS or depth > _MOST_DEPTH:
            raise ImageForbidden(found=f"{count} × <…>")
        _refuse_element(element)
        waiting += [(child, depth + 1) for child in element]


def _refuse_element(element: Xml.Element) -> None:
    # what editors add in namespaces of their own is not drawn
    if element.tag.startswith(_SVG) and element.tag.removeprefix(_SVG) not in _SHAPES:
        raise ImageForbidden(found=f"<{element.tag.removeprefix(_SVG)}>")
    for name, value in element.attrib.items():
        plain = name.rpartition("}")[2]
        if _OUTSIDE.search(value) or (plain == "href" and not value.startswith("#")):
            raise ImageForbidden(found=f"{plain}=…")
