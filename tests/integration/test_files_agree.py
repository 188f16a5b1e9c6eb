"""Poppler, qpdf, OpenSSL, coreutils and our own verifier agree on every file the practice branch makes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

TYPES = ("hop_dong_mua_ban_dien", "bien_ban_treo_thao")
BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*0\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")

TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")
"""id-ct-TSTInfo as DER."""


@dataclass(frozen=True)
class Made:
    """What the practice branch reports, and its folder."""

    home: Path
    documents: dict[str, Any]

    def path(self, document_type: str) -> Path:
        return Path(self.documents[document_type]["path"])

    @property
    def trust(self) -> Path:
        return self.home / "trust" / "thuc-hanh.pem"


@dataclass(frozen=True)
class Signature:
    """A signature as it lies in a file: its CMS and the bytes it covers."""

    cms: bytes
    covered: bytes

    @property
    def time_stamp(self) -> bool:
        """Whether it is a document time stamp: its content is a TSTInfo (RFC 3161, 2.4.2)."""
        return TST_INFO in self.cms[:64]


def run(*words: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, **options)


def quaydien(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-P", "-m", "console", *words)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    home = tmp_path_factory.mktemp("agree") / "branch"
    done = quaydien("demo", "--headless", "--json", "--home", home)
    assert done.returncode == 0, done.stderr
    [dossier] = json.loads(done.stdout)["dossiers"]
    return Made(home, {one["type"]: one for one in dossier["documents"]})


@pytest.fixture(params=TYPES)
def document_type(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def signatures(pdf: bytes) -> list[Signature]:
    """Cut the signatures out of a file by their byte ranges alone."""
    found = []
    for match in BYTE_RANGE.finditer(pdf):
        first, second, length = (int(number) for number in match.groups())
        padded = bytes.fromhex(pdf[first + 1 : second - 1].decode("ascii"))
        found.append(Signature(padded[: _der_length(padded)], pdf[:first] + pdf[second : second + length]))
    return found


def _der_length(der: bytes) -> int:
    """Return the length of the first element (X.690, 8.1.3): the rest of /Contents is padding."""
    octets = der[1] & 0x7F
    assert der[0] == 0x30
    assert der[1] > 0x80, "a CMS is longer than 127 bytes"
    return 2 + octets + int.from_bytes(der[2 : 2 + octets])


def openssl(signature: Signature, root: Path, folder: Path, content: bytes | None = None) -> int:
    """Let OpenSSL verify the CMS over its content (RFC 5652, detached); the root alone is trusted."""
    (folder / "signature.der").write_bytes(signature.cms)
    (folder / "content").write_bytes(signature.covered if content is None else content)
    return run(
        *("openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-purpose", "any"),
        *("-in", folder / "signature.der", "-content", folder / "content"),
        *("-no-CApath", "-no-CAstore", "-CAfile", root, "-out", "/dev/null"),
    ).returncode


@pytest.fixture(scope="module")
def root(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The practice root without the authority it certified: that one has to come out of the signature."""
    [found] = [one for one in x509.load_pem_x509_certificates(made.trust.read_bytes()) if one.issuer == one.subject]
    path = tmp_path_factory.mktemp("root") / "root.pem"
    path.write_bytes(found.public_bytes(Encoding.PEM))
    return path


def openssl_time(stamp: Signature, root: Path, folder: Path, content: bytes | None = None) -> int:
    """Let OpenSSL verify a document time stamp over what it covers."""
    (folder / "token.der").write_bytes(stamp.cms)
    (folder / "content").write_bytes(stamp.covered if content is None else content)
    return run(
        *("openssl", "ts", "-verify", "-token_in", "-in", folder / "token.der"),
        *("-data", folder / "content", "-CAfile", root),
    ).returncode


def test_poppler_finds_every_signature_valid(made: Made, document_type: str) -> None:
    said = run("pdfsig", "-nocert", made.path(document_type)).stdout
    reported = made.documents[document_type]["signatures"]
    # poppler does not judge document time stamps
    assert said.count("Signature is Valid") == said.count("ETSI.CAdES.detached") == len(reported) == 2
    for one in reported:
        assert f"Signature Field Name: {one['field']}" in said
        assert f"Common Name: {one['signer']}" in said
    assert said.count("Total document signed") == 1
    assert said.count("Not total document signed") == said.count("Signed Ranges") - 1


def test_qpdf_finds_nothing_to_warn_of(made: Made, document_type: str) -> None:
    done = run("qpdf", "--check", made.path(document_type))
    assert done.returncode == 0
    assert "WARNING" not in done.stdout + done.stderr
    assert "No syntax or stream encoding errors found" in done.stdout


def test_openssl_verifies_each_signature(made: Made, document_type: str, root: Path, tmp_path: Path) -> None:
    pdf = made.path(document_type).read_bytes()
    found = signatures(pdf)
    signed = [one for one in found if not one.time_stamp]
    assert len(signed) == 2
    assert len(found) > 2
    for signature in found:
        verify = openssl_time if signature.time_stamp else openssl
        assert verify(signature, root, tmp_path) == 0


def test_openssl_refuses_each_signature_after_one_byte_changed(
    made: Made, document_type: str, root: Path, tmp_path: Path
) -> None:
    for signature in signatures(made.path(document_type).read_bytes()):
        changed = bytearray(signature.covered)
        changed[len(changed) // 2] ^= 1
        verify = openssl_time if signature.time_stamp else openssl
        assert verify(signature, root, tmp_path, bytes(changed)) != 0


def test_the_first_bytes_are_what_the_customer_agreed_to(made: Made, document_type: str, tmp_path: Path) -> None:
    consent = made.documents[document_type]["consent"]
    path = made.path(document_type)
    with subprocess.Popen(["head", "-c", str(consent["length"]), str(path)], stdout=subprocess.PIPE) as head:
        hashed = run("sha256sum", stdin=head.stdout).stdout
    assert hashed.split()[0] == consent["sha256"]
    assert consent["matches"] is True

    cut = tmp_path / "first.pdf"
    cut.write_bytes(path.read_bytes()[: consent["length"]])
    checked = run("qpdf", "--check", cut)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert cut.read_bytes().count(b"startxref") == 1
    assert "Signed Ranges" not in run("pdfsig", "-nocert", cut).stdout
    assert _pages(cut) == _pages(path) == made.documents[document_type]["pages"]
    assert run("pdftotext", "-layout", cut, "-").stdout.strip()


def test_every_signature_covers_what_the_customer_agreed_to(made: Made, document_type: str) -> None:
    consent = made.documents[document_type]["consent"]
    pdf = made.path(document_type).read_bytes()
    for signature in signatures(pdf):
        assert signature.covered[: consent["length"]] == pdf[: consent["length"]]


def test_the_file_is_still_pdf_a_3_after_signing(made: Made, document_type: str) -> None:
    metadata = run("pdfinfo", "-meta", made.path(document_type)).stdout
    assert re.search(r"<pdfaid:part>3</pdfaid:part>", metadata), metadata
    assert re.search(r"<pdfaid:conformance>[ABU]</pdfaid:conformance>", metadata)


def test_all_fonts_are_embedded_and_nothing_runs(made: Made, document_type: str) -> None:
    path = made.path(document_type)
    header, _, *fonts = run("pdffonts", path).stdout.splitlines()
    assert header.split()[-5:-2] == ["emb", "sub", "uni"]
    assert fonts
    assert all(line.split()[-5] == "yes" for line in fonts), fonts
    assert re.search(r"^JavaScript:\s+no$", run("pdfinfo", path).stdout, re.MULTILINE)
    assert not re.search(rb"/(JavaScript|JS|Launch|OpenAction|AA)\b", path.read_bytes())


def test_our_verifier_agrees(made: Made, document_type: str) -> None:
    done = quaydien("verify", made.path(document_type), "--trust", made.trust, "--json")
    [report] = json.loads(done.stdout)
    assert (done.returncode, report["verdict"]) == (0, "HOP_LE")
    assert all(one["intact"] and one["trusted"] for one in report["signatures"])
    assert report["consent"]["matches"] is True


def test_our_verifier_says_no_to_a_changed_file(made: Made, tmp_path: Path) -> None:
    good = made.path(TYPES[0])
    changed = bytearray(good.read_bytes())
    changed[len(changed) // 3] ^= 1
    bad = tmp_path / "changed.pdf"
    bad.write_bytes(changed)
    # one bad file among good ones is enough for a no
    done = quaydien("verify", good, bad, "--trust", made.trust, "--json")
    assert done.returncode == 1
    assert [one["verdict"] for one in json.loads(done.stdout)] == ["HOP_LE", "KHONG_HOP_LE"]


def test_our_verifier_says_wrong_use(made: Made, tmp_path: Path) -> None:
    assert quaydien("verify").returncode == 2
    assert quaydien("verify", tmp_path / "không có.pdf", "--trust", made.trust).returncode == 2


def test_our_verifier_does_not_know_without_a_root(made: Made, document_type: str, tmp_path: Path) -> None:
    done = quaydien("verify", made.path(document_type), "--home", tmp_path, "--json")
    [report] = json.loads(done.stdout)
    assert (done.returncode, report["verdict"]) == (1, "CHUA_XAC_DINH")


def test_the_audit_trail_holds(made: Made) -> None:
    done = quaydien("audit", "--home", made.home, "verify", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["intact"], found["breaks"]) == (0, True, [])
    assert found["rows"] > 0


def _pages(path: Path) -> int:
    found = re.search(r"^Pages:\s+(\d+)$", run("pdfinfo", path).stdout, re.MULTILINE)
    assert found
    return int(found[1])
