"""What people read of a verification: sentences of the catalogue, technical detail apart from them."""

from __future__ import annotations

import dataclasses
import re

import pytest

from kernel.api.messages import area
from kernel.signing.consent_check import Consent, ConsentCheck
from kernel.signing.report import Reason, Report, Verdict
from kernel.signing.telling import tell
from tests.pki import evidence_for


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_sentence_quotes_a_library(language: str) -> None:
    reasons = area("verify", "vi" if language == "vi" else "en")["reasons"]
    assert reasons
    assert not [code for code, text in reasons.items() if "{detail}" in text]


def test_a_library_is_quoted_apart() -> None:
    quoted = Reason("unreadable", Verdict.INVALID, {"detail": "KeyError: '/Root'"})
    [reason] = tell(Report(Verdict.INVALID, (quoted,), (), None, 0.1), "a.pdf", "vi").reasons
    assert "KeyError" not in reason.text
    assert reason.detail.startswith("Chi tiết kỹ thuật")
    assert "KeyError: '/Root'" in reason.detail


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2026-11-24T02:01:00Z", "24/11/2026 09:01:00 +07:00"),
        ("2026-11-24T02:01:00", "24/11/2026 09:01:00 +07:00"),
        ("hôm qua", "hôm qua"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
        ("", "–"),
    ],
)
def test_the_time_of_a_consent_is_shown_like_every_other(written: str, shown: str) -> None:
    record = dataclasses.asdict(evidence_for(b"%PDF-"))
    record["answer"]["confirmed_at"] = written
    check = ConsentCheck(Consent(b"", record), matches=True, reasons=(), covered_by=("dong_dau",))
    told = tell(Report(Verdict.NO_SIGNATURE, (), (), check, 0.1), "a.pdf", "vi").consent
    assert told is not None
    rows = dict(told.rows)
    assert rows["Xác nhận lúc"] == shown
    assert re.fullmatch(r"[0-9a-f]{64}", rows["SHA-256 của phần đó"])
    assert rows["Số byte đã đồng ý"] == "5"
