"""The two incremental updates that make a signed file last: archive data, and a time stamp over the whole file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from pyhanko.sign.fields import SigFieldSpec, enumerate_sig_fields
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore

from kernel.signing._pdf import extend
from kernel.signing.errors import NotPdf, SignatureTooLarge, SigningError
from kernel.signing.time_stamp_token import checked_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kernel.signing.ports import Revocations, TimeStamper
    from kernel.signing.source import Overlay, Source
    from kernel.signing.time_stamp_token import Token

__all__ = ["Growing"]

_CHUNK = 1 << 20
_ALGORITHM = "sha256"
_FIELD = "dau_thoi_gian_{}"


class Growing:
    """A document and the updates appended to it so far. The document is read where it lies, never copied."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.updates = b""

    def stream(self) -> Overlay:
        """Return the document with its updates, as a stream that can be appended to."""
        stream = self.source.overlay()
        stream.seek(0, io.SEEK_END)
        stream.write(self.updates)
        stream.seek(0)
        return stream

    def __len__(self) -> int:
        return self.source.size + len(self.updates)

    def __getitem__(self, part: slice) -> bytes:
        begin, end, _ = part.indices(len(self))
        edge = self.source.size
        head = self.source.read(begin, min(end, edge) - begin) if begin < min(end, edge) else b""
        return head + self.updates[max(begin - edge, 0) : max(end - edge, 0)]

    def content(self) -> bytes:
        """Return the document with its updates."""
        parts = [*self.source.chunks(), *([self.updates] if self.updates else [])]
        return b"".join(parts)

    def time_stamp(self, time_stamper: TimeStamper, accept: Callable[[Token, str], None]) -> None:
        """Append a document time stamp (ETSI EN 319 142-1, 5.4.3) over everything before it.

        `accept` raises for a token, named with its authority, that is right but not wanted.
        Raises TimeStampUnavailable, TimeStampWrong, SignatureTooLarge, NotPdf, DocumentEncrypted, DocumentHybrid; then
        nothing is appended.
        """
        stream = self.stream()
        writer = extend(stream)
        try:
            if writer.output_version < (2, 0):
                # 5.5: the extension that PDF 1.7 needs for document time stamps
                writer.register_extension(ESIC_EXTENSION_1)
            names = {str(name) for name, _, _ in enumerate_sig_fields(writer.prev)}
            number = next(one for one in range(1, len(names) + 2) if _FIELD.format(one) not in names)
            name = _FIELD.format(number)
            steps = PdfCMSEmbedder(new_field_spec=SigFieldSpec(name)).write_cms(field_name=name, writer=writer)
            next(steps)
            steps.send(SigObjSetup(sig_placeholder=DocumentTimestamp(bytes_reserved=2 * time_stamper.token_size)))
            prepared, _ = steps.send(SigIOSetup(md_algorithm=_ALGORITHM, in_place=True, chunk_size=_CHUNK))
        except SigningError:
            raise
        except Exception as problem:
            raise NotPdf(detail=f"{type(problem).__name__}: {problem}") from problem
        stamp = time_stamper.stamp(prepared.document_digest, _ALGORITHM)
        token = checked_token(stamp, prepared.document_digest, _ALGORITHM)
        if len(stamp.der) > time_stamper.token_size:
            raise SignatureTooLarge(size=len(stamp.der), reserved=time_stamper.token_size)
        accept(token, stamp.authority)
        prepared.fill_with_cms(stream, stamp.der)
        self.updates = stream.appended()

    def keep(self, certificates: Iterable[bytes], known: Revocations) -> bool:
        """Append what of the certificates and revocation data is not in the security store; tell if anything was.

        Raises NotPdf, DocumentEncrypted, DocumentHybrid.
        """
        stream = self.stream()
        writer = extend(stream)
        try:
            store = DocumentSecurityStore.supply_dss_in_writer(
                writer,
                None,
                certs=[asn1_x509.Certificate.load(der) for der in certificates],
                crls=[asn1_crl.CertificateList.load(der) for der in known.crls],
                ocsps=[asn1_ocsp.OCSPResponse.load(der) for der in known.ocsps],
            )
            if not store.modified:
                return False
            writer.append()
        except Exception as problem:
            raise NotPdf(detail=f"{type(problem).__name__}: {problem}") from problem
        self.updates = stream.appended()
        return True
