"""What can go wrong while a document is drawn."""

from __future__ import annotations

from kernel.api.errors import QuayDienError


class DocumentError(QuayDienError):
    """A document could not be drawn. Facts: document, detail."""

    code = "document.error"


class MissingGlyph(DocumentError):
    """Letters no font can print, or that print nothing. Facts: document, field (its label), letters (with U+ codes)."""

    code = "document.missing_glyph"


class TemplateBroken(DocumentError):
    """The template does not compile or can't be read. Facts: document, detail (the compiler's words)."""

    code = "document.template_broken"


class VariantUnknown(DocumentError):
    """The document has no such variant. Facts: document, variant."""

    code = "document.variant_unknown"


class BoxMissing(DocumentError):
    """The boxes of the template are not those of the declaration. Facts: document, fields."""

    code = "document.box_missing"


class WordingMissing(DocumentError):
    """No wording is in force on the document's date. Facts: file, day."""

    code = "document.wording_missing"


class WordingBroken(DocumentError):
    """A dated data file is not of the agreed shape. Facts: file, detail."""

    code = "document.wording_broken"


class NotReadable(DocumentError):
    """Bytes that are not a PDF, or a page it does not have. Facts: detail."""

    code = "document.not_readable"


class SampleBroken(DocumentError):
    """The sample case of a document's package is missing or does not pass its fields. Facts: document, detail."""

    code = "document.sample_broken"
