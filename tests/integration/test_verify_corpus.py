"""Files of other makers, attacks among them. The corpus lies outside this repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kernel.signing.report import Verdict
from kernel.signing.trust import Trust
from kernel.signing.verify import verify
from tests.pki import contract

CORPUS = Path(os.environ.get("QUAYDIEN_CORPUS", Path(__file__).parents[2].parent / "shared" / "corpus")) / "pades"
FILES = sorted(CORPUS.glob("*.pdf"))
NEVER_UNCHANGED = [
    "modified_after_signature.pdf",
    "pdf-spoofing-attack.pdf",
    "pdf-byterange-overlap.pdf",
    "pdf-removed-pages.pdf",
    "pades-signed-annot-added.pdf",
    "replace.pdf",
    "pades-enveloping-cms.pdf",
    "wrong-digest-algo.pdf",
    "BadEncodedCMS.pdf",
]

pytestmark = [
    pytest.mark.skipif(not FILES, reason="the corpus is not here (QUAYDIEN_CORPUS)"),
    pytest.mark.timeout(30),
]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_file_gets_a_verdict_with_a_reason(file: Path) -> None:
    report = verify(file.read_bytes(), contract().trust)
    assert report.verdict is not Verdict.VALID  # none leads to the practice root
    assert report.reasons
    for language in ("vi", "en"):
        shape = report.as_json(file.name, language)
        assert all(shape["reasons"])


@pytest.mark.parametrize("name", NEVER_UNCHANGED)
def test_attacks_never_pass_for_unchanged(name: str) -> None:
    report = verify((CORPUS / name).read_bytes(), Trust())
    assert report.verdict in (Verdict.INVALID, Verdict.UNKNOWN)
    last = report.signatures[-1:]
    assert all(not one.intact or one.changed_after or one.verdict is Verdict.INVALID for one in last)


@pytest.mark.parametrize("name", ["DSS-2025.pdf", "DSS-2821.pdf", "dss-2058-LTA-test.pdf", "doc-firmado-LT.pdf"])
def test_whole_signatures_of_strangers_are_undetermined(name: str) -> None:
    report = verify((CORPUS / name).read_bytes(), contract().trust, seconds=30)
    assert report.verdict is Verdict.UNKNOWN
    assert all(one.intact and not one.changed_after for one in report.signatures)
    assert report.signatures


def test_a_field_without_a_signature_is_no_error() -> None:
    for name in ("pdf-with-empty-sig.pdf", "fieldmdp-exclude.pdf"):
        assert verify((CORPUS / name).read_bytes(), Trust()).verdict is Verdict.NO_SIGNATURE


def test_an_endless_file_ends() -> None:
    report = verify((CORPUS / "pades_infinite_loop.pdf").read_bytes(), Trust())
    assert report.verdict is Verdict.INVALID
    assert report.reasons[0].text("vi")
