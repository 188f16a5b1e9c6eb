"""Other programs that sign PDF with the same token: pyHanko, its command line, podofosign and Apache PDFBox."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.pkcs11 import PKCS11Signer
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from benchmarks.signing.contracts import FIELD
from benchmarks.signing.ways import KEY, TOKEN, Made, Token, Way, timed
from tests.softhsm import PIN, name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.signing.contracts import Contract

LIBRARY = "pyHanko PKCS11Signer, as it comes"
COMMAND = "pyhanko sign addsig pkcs11 (a process each)"
PODOFO = "podofosign (a process each; it takes no PKCS#11 key, so RSA-2048 from a PEM file)"
PDFBOX = "Apache PDFBox 2, SunPKCS11"

JARS = tuple(
    Path("/usr/share/java") / f"{jar}.jar"
    for jar in ("pdfbox2", "fontbox2", "commons-logging", "bcprov", "bcpkix", "bcutil")
)
_PROGRAM = Path(__file__).with_name("PdfBoxSigner.java")
_WARM_UP = 60


def library(opened: Any) -> Way:
    """Return pyHanko's own signer on the session all share."""
    signer = PKCS11Signer(opened, cert_label=KEY, key_label=KEY, other_certs_to_pull=("CA",))
    wanted = PdfSignatureMetadata(field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)

    def one(contract: Contract) -> bytes:
        stream = io.BytesIO(contract.pdf)
        PdfSigner(wanted, signer).sign_pdf(IncrementalPdfFileWriter(stream), in_place=True)
        return stream.getvalue()

    return Way(LIBRARY, 5, lambda contract, count: timed(lambda _: one(contract), count))


def command(token: Token, folder: Path) -> Way:
    """Return pyHanko's command line, in the environment of this program."""
    config = folder / "pyhanko.yml"
    config.write_text(
        "pkcs11-setups:\n"
        f"  bench:\n    module-path: {token.hsm.module}\n    token-criteria:\n      label: {TOKEN}\n"
        f"    cert-label: {KEY}\n    key-label: {KEY}\n    other-certs-to-pull: [CA]\n    user-pin: {PIN}\n",
        "utf-8",
    )
    program: list[str | Path] = [Path(sys.executable).with_name("pyhanko"), "--config", config, "sign", "addsig"]
    asked = ["--field", FIELD, "--existing-only", "--use-pades", "pkcs11", "--p11-setup", "bench"]
    return _program(COMMAND, 1, [*program, *asked, _IN, _OUT], token, folder / "pyhanko")


def podofo(token: Token, folder: Path) -> Way | None:
    """Return podofosign with a key of its own, None where it is not installed."""
    if shutil.which("podofosign") is None:
        return None
    key = rsa.generate_private_key(65537, 2048)
    certificate = token.root.issue(key.public_key(), name("Khóa trong tệp"))
    pem, cert = folder / "key.pem", folder / "cert.pem"
    pem.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    cert.write_bytes(certificate.public_bytes(Encoding.PEM))
    asked: list[str | Path] = [
        "-cert",
        cert,
        "-pkey",
        pem,
        "-digest",
        "SHA256",
        "-field-name",
        FIELD,
        "-field-use-existing",
    ]
    way = _program(PODOFO, 3, ["podofosign", "-in", _IN, "-out", _OUT, *asked], token, folder / "podofo")
    return replace(way, accepts=_accepted_by_poppler)


def _accepted_by_poppler(_token: Token, file: bytes) -> bool:
    """Ask pdfsig: podofosign writes two SignerInfos into its CMS, which ISO 32000-2, 12.8.3.3.1, and pyHanko refuse."""
    with NamedTemporaryFile(suffix=".pdf") as kept:
        kept.write(file)
        kept.flush()
        said = subprocess.run(["pdfsig", "-nocert", kept.name], check=True, capture_output=True, text=True).stdout
    return "Signature is Valid" in said and "Total document signed" in said


_IN, _OUT = "{in}", "{out}"


def _program(what: str, count: int, arguments: list[str | Path], token: Token, folder: Path) -> Way:
    folder.mkdir()
    given, made = folder / "in.pdf", folder / "out.pdf"
    line = [str(given) if one == _IN else str(made) if one == _OUT else str(one) for one in arguments]

    def sign(contract: Contract, count: int) -> Made:
        given.write_bytes(contract.pdf)
        return timed(lambda _: _run(line, token, made), count)

    return Way(what, count, sign)


def _run(line: list[str], token: Token, made: Path) -> bytes:
    made.unlink(missing_ok=True)
    subprocess.run(line, check=True, capture_output=True, env={**os.environ, **token.hsm.env})
    return made.read_bytes()


@contextmanager
def pdfbox(token: Token, folder: Path, warm: Contract) -> Iterator[tuple[Way, float]]:
    """Start the Java program beside this file and let it sign until it is compiled; also tell its start in ms."""
    folder.mkdir()
    subprocess.run(["javac", "-cp", _class_path(), "-d", folder, _PROGRAM], check=True, capture_output=True)
    config = folder / "pkcs11.cfg"
    config.write_text(f"name = SoftHSM\nlibrary = {token.hsm.module}\nslotListIndex = 0\n", "utf-8")
    begun = time.perf_counter()
    program = subprocess.Popen(
        ["java", "-cp", _class_path(folder), "PdfBoxSigner", config, FIELD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **token.hsm.env},
        text=True,
        bufsize=1,
    )
    assert program.stdin is not None and program.stdout is not None  # noqa: S101  # it was given pipes
    said, asked = program.stdout, program.stdin
    given = folder / "in.pdf"

    def sign(contract: Contract, count: int) -> Made:
        given.write_bytes(contract.pdf)
        print(given, folder / "out", count, sep="\t", file=asked)
        each = [float(said.readline()) for _ in range(count)]
        return Made(each, [Path(f"{folder / 'out'}-{number}.pdf").read_bytes() for number in range(count)])

    try:
        print(PIN, file=asked)
        if said.readline() != "ready\n":
            raise RuntimeError("PDFBox: no key")
        start = (time.perf_counter() - begun) * 1000
        sign(warm, _WARM_UP)
        yield Way(PDFBOX, 20, sign), start
    finally:
        asked.close()
        program.wait()
        said.close()


def has_pdfbox() -> bool:
    """Tell whether Java, its compiler and the jars of Debian are here."""
    return shutil.which("javac") is not None and all(jar.is_file() for jar in JARS)


def _class_path(*more: Path) -> str:
    return os.pathsep.join(map(str, (*JARS, *more)))
