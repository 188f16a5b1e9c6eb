"""What a signature will show, in the shapes of the screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.desk import Area, StampView
from kernel.api.messages import message
from kernel.api.text import Text
from kernel.documents.stamp import MILLIMETRE, stamp_words

if TYPE_CHECKING:
    from kernel.api.text import Language
    from kernel.casework.stamp_preview import StampPreview
    from kernel.signing.boxes import SignatureBox


def stamp_view(shown: StampPreview) -> StampView:
    """Return the preview of a stamp as the screens show it."""
    stamp = shown.stamp
    return StampView(
        words=stamp_words(stamp, shown.at),
        picture=Text(_picture(shown, "vi"), _picture(shown, "en")) if stamp.picture else None,
        page=shown.box.page,
        pages=shown.pages,
        area=_area(shown.box, shown.page_size),
        others=tuple(_area(box, shown.page_size) for box in shown.others),
        millimetres=(round(stamp.width / MILLIMETRE, 1), round(stamp.height / MILLIMETRE, 1)),
    )


def _picture(shown: StampPreview, language: Language) -> str:
    picture = shown.stamp.picture
    if picture is None:
        return ""
    width, height = (f"{length / MILLIMETRE:.0f}" for length in (picture.width, picture.height))
    kind = "seal" if shown.stamp.look == "seal" else "signature"
    return message(f"stamp.picture.{kind}", language, width=width, height=height)


def _area(box: SignatureBox, page: tuple[float, float]) -> Area:
    width, height = page
    return Area(box.x / width, box.y / height, (box.x + box.width) / width, (box.y + box.height) / height)
