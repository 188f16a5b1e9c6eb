"""Time of one verification: this verifier, pyHanko's validation, and poppler's pdfsig, in one run on one contract.

The project's contract of 7 pages carries the customer's consent, the signatory's signature and the seal. All three
programs judge the same file by the same root and lists, in turn; a row is the median over the rounds (`--rounds N`).
"""

from __future__ import annotations

import dataclasses
import shutil
import statistics
import subprocess
import tempfile
import time
from argparse import ArgumentParser
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asn1crypto import crl, pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from benchmarks.report import Row, row, tell
from benchmarks.signing.contracts import contracts
from kernel.signing.consent import attach_consent
from kernel.signing.report import Verdict
from kernel.signing.verify import verify
from tests.pki import contract, evidence_for, sign

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 15
OURS = "quaydien: signatures, changes, certificates, revocation, consent, parties"
LIBRARY = "pyHanko: validate_pdf_signature of each signature"
COMMAND = "quaydien verify: a process of its own"
PDFSIG = "pdfsig: a process of its own, no certificate checked"


def signed(folder: Path) -> tuple[bytes, int]:
    """Return the contract as it goes to the archive, and its pages."""
    drawn = contracts(folder)[0]
    evidence = dataclasses.asdict(evidence_for(drawn.pdf, pages=drawn.pages, pages_viewed=drawn.pages))
    pdf = attach_consent(drawn.pdf, evidence)
    for field, signer in (("ben_ban", contract().signatory), ("con_dau", contract().seal)):
        pdf = sign(pdf, field, signer, appearance=drawn.stamp)
    return pdf, drawn.pages


def by_library(pdf: bytes) -> None:
    """Let pyHanko judge both signatures by the same root and lists."""
    pki = contract().pki
    lists = [crl.CertificateList.load(pem.unarmor(one.crl())[2]) for one in (pki.root, pki.issuing)]
    reader = PdfFileReader(BytesIO(pdf))
    for one in reader.embedded_signatures:
        context: Any = ValidationContext(
            trust_roots=[x509.Certificate.load(pki.root.der)],
            crls=lists,
            revocation_mode="require",
            allow_fetching=False,
        )
        if not validate_pdf_signature(one, context).bottom_line:
            raise RuntimeError(f"pyHanko: {one.field_name}")


def by_this(pdf: bytes) -> None:
    """Judge the file with the verifier of this project."""
    report = verify(pdf, contract().trust, seconds=60)
    if report.verdict is not Verdict.VALID:
        raise RuntimeError([reason.code for reason in report.reasons])


def measure(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pdf, pages = signed(folder)
        (folder / "contract.pdf").write_bytes(pdf)
        (folder / "trust.pem").write_bytes(contract().pki.trust_pem())
        ways: dict[str, Callable[[], None]] = {LIBRARY: lambda: by_library(pdf), OURS: lambda: by_this(pdf)}
        program = shutil.which("quaydien", path=str(Path(".venv/bin").resolve())) or shutil.which("quaydien")
        if program:
            words = [program, "verify", "contract.pdf", "--trust", "trust.pem", "--json", "--home", "."]
            ways[COMMAND] = lambda: _program(words, folder)
        if shutil.which("pdfsig"):
            ways[PDFSIG] = lambda: _program(["pdfsig", "-nocert", "contract.pdf"], folder)
        taken: dict[str, list[float]] = {way: [] for way in ways}
        for number in range(rounds + 1):
            for way, run in ways.items():
                begun = time.perf_counter()
                run()
                if number:  # the first round warms caches
                    taken[way].append((time.perf_counter() - begun) * 1000)
    middle = {way: statistics.median(times) for way, times in taken.items()}
    against = f"{LIBRARY}, {pages} pages"
    return [
        row(f"{way}, {pages} pages", took, against=against, reference=middle[LIBRARY]) for way, took in middle.items()
    ]


def _program(words: list[str], folder: Path) -> None:
    subprocess.run(words, cwd=folder, check=True, capture_output=True)


if __name__ == "__main__":
    parser = ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    tell("verify", measure(parser.parse_args().rounds))
