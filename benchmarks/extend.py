"""Time of raising a signed contract from B-B to B-LTA: this program and pyHanko, in one run, with the same services.

The time-stamping authority and the revocation lists are in process, so what is left is the work on the file: two
document time stamps and the security store. This program checks the file before and after; pyHanko as its guide has it
does not, so a row without the checks' time stands beside.
"""

from __future__ import annotations

import statistics
import time
from argparse import ArgumentParser
from io import BytesIO
from typing import TYPE_CHECKING, Any

from asn1crypto import crl as asn1_crl
from asn1crypto import x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.sign.validation import add_validation_info
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from benchmarks.report import Row, row, tell
from kernel.signing.levels import Level
from kernel.signing.verify import verify
from tests.archive_kit import Archive
from tests.pki import NOW, agreed, private_key

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 11
OURS = "quaydien: extend, checked before and after"
BARE = "quaydien: extend without the time of its two checks"
LIBRARY = "pyHanko: time stamp, validation info, time stamp; not checked"


def by_library(archive: Archive, pdf: bytes) -> bytes:
    """Raise the file as pyHanko's guide has it."""
    own = archive.tsa.own or archive.tsa.renew_certificate()
    stamper = PdfTimeStamper(
        DummyTimeStamper(
            tsa_cert=x509.Certificate.load(own.certificate),
            tsa_key=private_key(own),
            certs_to_embed=SimpleCertificateStore.from_certs([x509.Certificate.load(der) for der in own.chain]),
            fixed_dt=archive.clock.now,
        )
    )
    trust = archive.trust

    def context() -> Any:
        return ValidationContext(
            trust_roots=[x509.Certificate.load(der) for der in trust.roots],
            other_certs=[x509.Certificate.load(own.chain[0])],
            crls=[asn1_crl.CertificateList.load(der) for der in trust.crls],
            revocation_mode="require",
            allow_fetching=False,
            moment=archive.clock.now,
        )

    def stamped(content: bytes) -> bytes:
        writer = IncrementalPdfFileWriter(BytesIO(content))
        out = stamper.timestamp_pdf(writer, "sha256", context(), bytes_reserved=2 * archive.tsa.token_size)
        return bytes(out.getvalue())

    first = stamped(pdf)
    [signature] = PdfFileReader(BytesIO(first)).embedded_regular_signatures
    told = add_validation_info(signature, context(), add_vri_entry=False)
    return stamped(told.getvalue())


def measure(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    archive = Archive(NOW)
    pdf = archive.signed(agreed())
    done = archive.extended(pdf)
    if done.level is not Level.B_LTA:
        raise RuntimeError(repr(done.obstacle))
    trust = archive.trust

    def checks() -> None:
        for content in (pdf, done.pdf):
            verify(content, trust, at=archive.clock.now)

    ways: dict[str, Callable[[], object]] = {
        LIBRARY: lambda: by_library(archive, pdf),
        OURS: lambda: archive.extended(pdf),
        BARE: checks,
    }
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(rounds + 1):
        for way, run in ways.items():
            begun = time.perf_counter()
            run()
            if number:  # the first round warms caches
                taken[way].append((time.perf_counter() - begun) * 1000)
    middle = {way: statistics.median(times) for way, times in taken.items()}
    middle[BARE] = middle[OURS] - middle[BARE]
    return [row(way, took, against=LIBRARY, reference=middle[LIBRARY]) for way, took in middle.items()]


if __name__ == "__main__":
    parser = ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    tell("extend", measure(parser.parse_args().rounds))
