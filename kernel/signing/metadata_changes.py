"""What an update after signing may say anew about a document: who wrote it last and when, and nothing a reader shows.

pyHanko lets Info and XMP be rewritten freely; the title in them is what viewers put over the pages.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.metadata.xmp_xml import parse_xmp
from pyhanko.sign.diff_analysis import SuspiciousModification
from pyhanko.sign.diff_analysis.rules_api import WhitelistRule

from kernel.signing._pdf import entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyhanko.pdf_utils.reader import HistoricalResolver

__all__ = ["SameMetadata"]

_INFO = frozenset({"/ModDate", "/Producer"})
_XMP = frozenset({"CreatorTool", "History", "InstanceID", "MetadataDate", "ModifyDate", "Producer"})


class SameMetadata(WhitelistRule):
    """Refuses an update that changes more of Info and XMP than their dates and programs. It approves nothing itself."""

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterator[Any]:
        """Raise SuspiciousModification for other changes; approve nothing."""
        if _info(old) != _info(new):
            raise SuspiciousModification("Info")
        if _xmp(old) != _xmp(new):
            raise SuspiciousModification("XMP")
        yield from ()


def _info(version: HistoricalResolver) -> dict[str, str]:
    if "/Info" not in version.trailer_view:
        return {}
    found: Any = version.trailer_view.raw_get("/Info")
    if isinstance(found, generic.IndirectObject):
        # the trailer itself would look the object up in the newest revision
        found = version.get_object(found.reference)
    return {key: str(found[key]) for key in found if key not in _INFO}


def _xmp(version: HistoricalResolver) -> list[dict[str, Any]]:
    stream = entry(version.root, "/Metadata")
    if stream is None:
        return []
    return [
        {str(name): value for name, value in root if name.local_name not in _XMP}
        for root in parse_xmp(BytesIO(stream.data))
    ]
