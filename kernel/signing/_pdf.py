"""Opening and extending PDF files with pyHanko: what every other module of this package needs of it."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any, TypeVar

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from kernel.signing.errors import DocumentEncrypted, DocumentHybrid, NotPdf, SigningError

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")

# what they would log is in the verdict or the error already; with no handler Python prints it over the screen
for _library in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_library).addHandler(logging.NullHandler())
    logging.getLogger(_library).propagate = False


class Extension(IncrementalPdfFileWriter):
    """An incremental update that leaves Info and XMP as they are, so they stay in step (PDF/A, ISO 19005-3, 6.6)."""

    def _update_meta(self) -> None:
        """Do nothing: pyHanko would write its own name and the present time."""

    def catalog_changed(self) -> None:
        """Write the document catalog again."""
        super().update_root()  # type: ignore[no-untyped-call]  # pyHanko declares no types here

    def append(self) -> None:
        """Write the update behind the file, into the stream it was read from."""
        super().write_in_place()  # type: ignore[no-untyped-call]  # pyHanko declares no types here

    def to_bytes(self) -> bytes:
        """Return the file with the update appended."""
        out = BytesIO()
        super().write(out)  # type: ignore[no-untyped-call]  # pyHanko declares no types here
        return out.getvalue()


def open_pdf(pdf: bytes | IO[bytes]) -> PdfFileReader:
    """Return a strict reader. Raises NotPdf, DocumentEncrypted or DocumentHybrid."""
    stream = BytesIO(pdf) if isinstance(pdf, bytes) else pdf
    if stream.read(5) != b"%PDF-":
        raise NotPdf(detail="header")
    try:
        reader = PdfFileReader(stream, strict=True)
        hybrid = any(
            reader.xrefs.get_xref_data(revision).hybrid is not None for revision in range(reader.total_revisions)
        )
        reader.root["/Pages"]
        encrypted = reader.encrypted
    except Exception as problem:
        # pyHanko raises builtin errors on broken files besides its own
        if "hybrid" in str(problem).lower():
            raise DocumentHybrid from problem
        raise NotPdf(detail=f"{type(problem).__name__}: {problem}") from problem
    if encrypted:
        raise DocumentEncrypted
    if hybrid:
        raise DocumentHybrid
    return reader


def extend(pdf: bytes | IO[bytes]) -> Extension:
    """Return a writer for one incremental update of `pdf`. Raises as `open_pdf`."""
    try:
        return Extension.from_reader(open_pdf(pdf))  # type: ignore[return-value]  # from_reader makes cls
    except SigningError:
        raise
    except Exception as problem:
        raise NotPdf(detail=f"{type(problem).__name__}: {problem}") from problem


def entry(dictionary: Any, key: str, default: Any = None) -> Any:
    """Return `dictionary[key]` with references followed, or `default`; pyHanko's own `get` follows none."""
    try:
        return dictionary[key]
    except KeyError:
        return default


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine of pyHanko to its end, also where an event loop already runs in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(asyncio.run, work).result()
