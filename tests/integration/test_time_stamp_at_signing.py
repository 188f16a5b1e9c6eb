"""The time stamp goes inside a signature between the token and the release: at the counter, in batches, elsewhere.

The services are the practice authority's, over HTTP, with real keys.
"""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, cast

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESStatus

from kernel import clock
from kernel.api.documents import Purpose
from kernel.api.text import Text
from kernel.casework import delivering, preserving, signing, signing_elsewhere
from kernel.dossier.records import DocumentState
from kernel.jobs import Outcome
from kernel.signing import gate
from kernel.signing.ports import Revocations
from kernel.signing.report import Verdict
from kernel.signing.time_stamp_token import tokens_inside
from kernel.signing.verify import verify
from kernel.storage import documents
from kernel.trust_services.prompt import PromptTimeStamper
from tests.archive_practice import Keeping
from tests.integration.test_casework_batches import copies, opened, run
from tests.integration.test_casework_elsewhere import hash_of, prepare, take_back
from tests.outside_keys import customer_key, pades_cms, signed_hash
from tests.pyhanko_lta import lta_judgements

if TYPE_CHECKING:
    from pathlib import Path

    from kernel.dossier.records import DossierDocument
    from kernel.signing.ports import TimeStamper, TimeStampToken
    from tests.practice import Branch


def pdf_of(branch: Branch, document: DossierDocument) -> bytes:
    return branch.office.blobs.get(document.sha256)


def stamps_inside(pdf: bytes) -> list[int]:
    """Return how many time stamps stand inside each signature."""
    reader = PdfFileReader(BytesIO(pdf))
    return [len(list(tokens_inside(one))) for one in reader.embedded_regular_signatures]


def document_stamps(pdf: bytes) -> int:
    return len(PdfFileReader(BytesIO(pdf)).embedded_timestamp_signatures)


def completed(branch: Branch) -> DossierDocument:
    """Let the customer agree by code, the director sign and the seal be set."""
    return branch.sign(branch.sign(branch.agree(branch.document(branch.case_id))))


def archived(branch: Branch) -> DossierDocument:
    """Do what waits for the worker, and return the document."""
    jobs = [one for one in branch.outgoing("preserve") if one.state == "waiting"]
    assert [delivering.attempt(branch.office, one.id) for one in jobs] == [Outcome.DONE]
    return branch.document(branch.case_id)


def with_stamper(branch: Branch, stamper: TimeStamper) -> None:
    """Let another give the time stamps at the counter; the worker's stay as they are."""
    services = branch.office.trust_services
    assert services is not None
    changed = replace(services, at_signing=cast("PromptTimeStamper", stamper))
    branch.office = replace(branch.office, trust_services=changed)


def found(branch: Branch, ids: list[str]) -> list[DossierDocument]:
    with branch.office.work(reading=True) as work:
        return [documents.get(work.session, one) for one in ids]


def pyhanko_accepts(branch: Branch, pdf: bytes) -> None:
    results = lta_judgements(pdf, branch.office.trust.roots, Revocations(), clock.now())
    assert len(results) == 2
    for result in results:
        assert result.ades_subindic.status is AdESStatus.PASSED, result.failure_msg


def test_a_finished_contract_is_accepted_by_pyhankos_own_lta_judgement(with_trust: Branch, tmp_path: Path) -> None:
    document = completed(with_trust)
    assert (document.level, stamps_inside(pdf_of(with_trust, document))) == ("B-T", [1, 1])
    assert [row.facts["level"] for row in with_trust.audit("sign")] == ["B-T", "B-T"]
    document = archived(with_trust)
    pdf = pdf_of(with_trust, document)
    # one document time stamp, over the security store: none was needed for B-T
    assert (document.level, document_stamps(pdf)) == ("B-LTA", 1)
    report = verify(pdf, with_trust.office.trust, at=clock.now())
    assert (report.verdict, [one.level for one in report.signatures]) == (Verdict.VALID, ["B-LTA", "B-LTA"])
    assert report.consent is not None and report.consent.matches
    pyhanko_accepts(with_trust, pdf)
    for renewal in (2, 3):
        with_trust.clock.forward(minutes=1)
        assert preserving.preserve(with_trust.office, document.id, early=True).obstacle is None
        pdf = pdf_of(with_trust, with_trust.document(with_trust.case_id))
        assert document_stamps(pdf) == renewal
        pyhanko_accepts(with_trust, pdf)
    if shutil.which("pdfsig"):
        file = tmp_path / "hợp đồng Ệ.pdf"
        file.write_bytes(pdf)
        told = subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, check=True).stdout
        assert told.count("Signature is Valid") == 2, told


def test_ten_years_and_two_renewals_on_the_contract_stands(drawn: Branch) -> None:
    keeping = Keeping(drawn)
    keeping.services(on=True, at_signing=True)
    assert completed(drawn).level == "B-T"
    assert keeping.work() == [Outcome.DONE]
    assert document_stamps(keeping.pdf) == 1
    for _ in range(2):
        keeping.forward(timedelta(days=1000))
        keeping.kit.tsa.life = timedelta(days=3650)
        keeping.kit.tsa.renew_certificate()
        assert preserving.preserve(drawn.office, keeping.document.id, early=True).obstacle is None
    keeping.forward(timedelta(days=1652))
    # whoever reads it has the day's list of the last time stamp's authority
    trust = replace(drawn.office.trust, crls=(*drawn.office.trust.crls, *keeping.kit.trust.crls))
    report = verify(keeping.pdf, trust, at=clock.now())
    assert (report.verdict, {one.level for one in report.signatures}) == (Verdict.VALID, {"B-LTA"})
    assert (stamps_inside(keeping.pdf), document_stamps(keeping.pdf)) == ([1, 1], 3)


@pytest.mark.parametrize("mode", ["down", "html", "refuse", "half"])
def test_an_outage_costs_the_level_and_not_the_signature(with_trust: Branch, mode: str) -> None:
    with_trust.fault("trust", mode, times=50, path="/tsa")  # type: ignore[arg-type]  # one of the modes
    document = completed(with_trust)
    assert (document.state, document.level) == (DocumentState.COMPLETE, "B-B")
    assert stamps_inside(pdf_of(with_trust, document)) == [0, 0]
    assert {row.facts["no_time_stamp"] for row in with_trust.audit("sign")} == {"signing.time_stamp_unavailable"}
    assert "thuc-hanh" in preserving.awaited(with_trust.office, document.id)
    with_trust.fault("trust", "down", times=0)
    with_trust.clock.forward(hours=2)  # its rest is over
    later = archived(with_trust)
    assert (later.level, preserving.awaited(with_trust.office, document.id)) == ("B-LTA", "")
    assert pdf_of(with_trust, later).startswith(pdf_of(with_trust, document))


class Hanging:
    """An authority that does not answer before it is let go."""

    token_size = 4096

    def __init__(self) -> None:
        self.asked = 0
        self.go = threading.Event()

    def stamp(self, imprint: bytes, algorithm: str) -> TimeStampToken:
        del imprint, algorithm
        self.asked += 1
        self.go.wait(60)
        raise AssertionError("nobody waits for this any more")


def test_a_slow_authority_holds_up_one_signature_for_the_deadline_and_the_next_not_at_all(with_trust: Branch) -> None:
    slow = Hanging()
    with_stamper(with_trust, PromptTimeStamper(slow, seconds=0.3, rest=timedelta(minutes=5)))
    document = completed(with_trust)
    assert (document.level, slow.asked) == ("B-B", 1)
    # released while the authority still hangs
    assert not slow.go.is_set()
    assert "0.3" in preserving.awaited(with_trust.office, document.id)
    assert archived(with_trust).level == "B-LTA"
    slow.go.set()


class Wrong:
    """Gives the real authority's time stamps, changed or over something else."""

    def __init__(self, real: TimeStamper, *, size: int = 0, other: bool = False) -> None:
        self.real, self.other = real, other
        self.token_size = size or real.token_size

    def stamp(self, imprint: bytes, algorithm: str) -> TimeStampToken:
        return self.real.stamp(imprint[::-1] if self.other else imprint, algorithm)


@pytest.mark.parametrize(
    ("how", "code"),
    [({"other": True}, "signing.time_stamp_wrong"), ({"size": 200}, "signing.too_large")],
    ids=["over something else", "larger than its room"],
)
def test_a_wrong_token_is_left_out_and_told(with_trust: Branch, how: dict[str, int | bool], code: str) -> None:
    services = with_trust.office.trust_services
    assert services is not None and services.time_stamper is not None
    with_stamper(with_trust, Wrong(services.time_stamper, **how))  # type: ignore[arg-type]  # as named
    document = completed(with_trust)
    assert (document.level, stamps_inside(pdf_of(with_trust, document))) == ("B-B", [0, 0])
    assert {row.facts["no_time_stamp"] for row in with_trust.audit("sign")} == {code}
    assert archived(with_trust).level == "B-LTA"


def test_one_signature_without_a_stamp_keeps_the_document_at_b_b_until_the_worker_comes(with_trust: Branch) -> None:
    with_trust.fault("trust", "html", times=1, path="/tsa")
    first = with_trust.sign(with_trust.agree(with_trust.document(with_trust.case_id)))
    with_trust.clock.forward(minutes=2)
    second = with_trust.sign(first)
    assert (first.level, second.level) == ("B-B", "B-B")
    assert stamps_inside(pdf_of(with_trust, second)) == [0, 1]
    done = archived(with_trust)
    # the first one's time is proven from outside: one more document time stamp
    assert (done.level, document_stamps(pdf_of(with_trust, done))) == ("B-LTA", 2)


def test_what_was_signed_before_a_crash_is_released_without_a_stamp(
    with_trust: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Crash(Exception):
        pass

    def crash(*_: object) -> None:
        raise Crash

    agreed = with_trust.agree(with_trust.document(with_trust.case_id))
    with monkeypatch.context() as patched:
        patched.setattr(signing, "_release", crash)
        with pytest.raises(Crash):
            with_trust.sign(agreed)
    assert signing.finish_interrupted(with_trust.office) == 1
    released = with_trust.document(with_trust.case_id)
    assert (released.level, stamps_inside(pdf_of(with_trust, released))) == ("B-B", [0])
    with_trust.sign(released)
    assert archived(with_trust).level == "B-LTA"


def test_without_an_authority_no_room_is_left(drawn: Branch) -> None:
    signed = drawn.sign(drawn.agree(drawn.document(drawn.case_id)))
    [embedded] = PdfFileReader(BytesIO(pdf_of(drawn, signed))).embedded_regular_signatures
    content = embedded.pkcs7_content
    # what ECDSA or the longest RSA signature may take more, and nothing for a time stamp
    assert len(content) - len(content.rstrip(b"\0")) < 64
    assert "no_time_stamp" not in drawn.audit("sign")[0].facts


class Counting:
    """Counts how many time stamps are being asked for at a time."""

    def __init__(self, real: TimeStamper) -> None:
        self.real = real
        self.now = self.most = self.asked = 0
        self.lock = threading.Lock()

    @property
    def token_size(self) -> int:
        return self.real.token_size

    def stamp(self, imprint: bytes, algorithm: str) -> TimeStampToken:
        with self.lock:
            self.now, self.asked = self.now + 1, self.asked + 1
            self.most = max(self.most, self.now)
        time.sleep(0.05)
        try:
            return self.real.stamp(imprint, algorithm)
        finally:
            with self.lock:
                self.now -= 1


def test_a_batch_gets_its_time_stamps_side_by_side(with_trust: Branch) -> None:
    services = with_trust.office.trust_services
    assert services is not None and services.time_stamper is not None
    counting = Counting(services.time_stamper)
    with_stamper(with_trust, counting)
    ids = copies(with_trust, 15)
    done = run(with_trust, opened(with_trust, ids))
    assert (done.done, done.left, counting.asked) == (15, (), 15)
    assert counting.most > 1
    for one in found(with_trust, ids):
        assert (one.level, stamps_inside(pdf_of(with_trust, one))) == ("B-T", [1])


def test_a_batch_does_not_wait_for_an_authority_again_and_again(with_trust: Branch) -> None:
    slow = Hanging()
    with_stamper(with_trust, PromptTimeStamper(slow, seconds=0.3, rest=timedelta(minutes=5)))
    ids = copies(with_trust, 12)
    done = run(with_trust, opened(with_trust, ids))
    assert (done.done, done.left) == (12, ())
    # those of the section that met it first, and nobody after
    assert 1 <= slow.asked < 12
    slow.go.set()


def test_a_file_that_fails_only_with_its_stamp_is_released_without(
    with_trust: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = gate.doubt

    def doubtful(pdf: bytes, *rest: object) -> Text | None:
        return Text("nghi ngờ", "doubt") if sum(stamps_inside(pdf)) else real(pdf, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(gate, "doubt", doubtful)
    ids = copies(with_trust, 3)
    assert run(with_trust, opened(with_trust, ids)).done == 3
    for document in (with_trust.sign(with_trust.document(with_trust.case_id)), *found(with_trust, ids)):
        assert (document.level, stamps_inside(pdf_of(with_trust, document))) == ("B-B", [0])
    assert {row.facts["no_time_stamp"] for row in with_trust.audit("sign")} == {"casework.not_released"}


@pytest.mark.parametrize("own_cms", [False, True], ids=["hash", "cms"])
def test_a_signature_made_elsewhere_gets_its_stamp_when_it_is_taken_back(with_trust: Branch, *, own_cms: bool) -> None:
    key = customer_key(with_trust)
    waiting = prepare(with_trust, key)
    if own_cms:
        content = signing_elsewhere.hand_out(with_trust.office, with_trust.clerk, waiting.id).content
        answer = pades_cms(key, content)
    else:
        answer = signed_hash(key, hash_of(with_trust, waiting))
    signed = take_back(with_trust, waiting, answer)
    assert (signed.level, signed.filled[0].purpose) == ("B-T", Purpose.CUSTOMER)
    assert stamps_inside(pdf_of(with_trust, signed)) == [1]
    complete = with_trust.sign(with_trust.sign(signed))
    assert complete.level == "B-T"
    assert document_stamps(pdf_of(with_trust, archived(with_trust))) == 1
