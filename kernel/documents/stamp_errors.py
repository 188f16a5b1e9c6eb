"""What can be wrong with an image for visible signatures."""

from __future__ import annotations

from kernel.api.errors import QuayDienError


class StampImageError(QuayDienError):
    """An image for visible signatures could not be taken in. Facts: detail."""

    code = "stamp.error"


class ImageTooLarge(StampImageError):
    """The file is too large. Facts: kilobytes, most."""

    code = "stamp.too_large"


class ImageUnreadable(StampImageError):
    """The file is no PNG or SVG, or damaged. Facts: detail."""

    code = "stamp.unreadable"


class ImagePixels(StampImageError):
    """The image has too few or too many pixels. Facts: width, height, least, most."""

    code = "stamp.pixels"


class ImageForbidden(StampImageError):
    """The SVG holds more than plain shapes. Facts: found."""

    code = "stamp.forbidden"


class ImageOpaque(StampImageError):
    """The ground of the image is not transparent, or the image is empty. Facts: share (of its area that is ink)."""

    code = "stamp.opaque"


class ImageColour(StampImageError):
    """The ink has not the colour the decree wants. Facts: wanted, found."""

    code = "stamp.colour"


class ImageRealSize(StampImageError):
    """The real size is none a seal or signature has here. Facts: millimetres, least, most."""

    code = "stamp.real_size"
