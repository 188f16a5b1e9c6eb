"""The archive: every complete document reaches B-LTA when the services answer, says why not, and is renewed in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlmodel import delete

from kernel import clock
from kernel.casework import preserving
from kernel.casework.errors import NotInArchive
from kernel.casework.preserving import next_renewal
from kernel.jobs import Outcome
from kernel.signing.errors import TimeStampUnavailable
from kernel.storage.tables import PreservationRow
from tests.archive_practice import Keeping

if TYPE_CHECKING:
    from tests.practice import Branch

DAY = timedelta(days=1)


@pytest.fixture
def keeping(complete: Branch) -> Keeping:
    """A branch with a complete contract that nobody has set to work yet."""
    return Keeping(complete)


@pytest.fixture
def at_work(keeping: Keeping) -> Keeping:
    """The same, set to work."""
    assert preserving.set_due_to_work(keeping.branch.office) == 1
    return keeping


def test_a_complete_document_reaches_b_lta(drawn: Branch) -> None:
    keeping = Keeping(drawn)
    document = drawn.agree(drawn.document(drawn.case_id))
    signed = drawn.sign(drawn.sign(document))
    assert (keeping.row.level, keeping.row.state) == ("B-B", "waiting")
    before = keeping.pdf
    assert keeping.work() == [Outcome.DONE]
    assert keeping.document.level == keeping.row.level == "B-LTA"
    assert keeping.pdf.startswith(before)
    assert keeping.judged().verdict == "HOP_LE"
    assert {one.level for one in keeping.judged().signatures} == {"B-LTA"}
    row = keeping.row
    assert row.time_stamp_expires is not None
    assert row.due == row.time_stamp_expires - 90 * DAY
    (audit,) = keeping.branch.audit("extend")
    assert (audit.subject, audit.facts["before"], audit.facts["sha256"]) == (
        signed.id,
        signed.sha256,
        keeping.document.sha256,
    )


def test_the_consent_still_is_the_first_revision(at_work: Keeping) -> None:
    at_work.work()
    consent = at_work.judged().consent
    assert consent is not None
    assert consent.matches
    assert at_work.pdf[: at_work.document.base_length] == at_work.branch.office.blobs.get(at_work.document.base_sha256)


def test_without_a_time_stamp_the_document_waits_and_says_why(at_work: Keeping) -> None:
    at_work.kit.tsa.down = True
    outcomes = [at_work.work() for _ in range(3)]
    assert outcomes == [[Outcome.AGAIN], [Outcome.AGAIN], [Outcome.DONE]]
    (job,) = at_work.branch.outgoing("preserve")
    assert job.state == "postponed"
    assert at_work.document.level == "B-B"
    assert (at_work.row.level, at_work.row.state) == ("B-B", "waiting")
    assert "503" in at_work.row.detail
    # nothing more happens before its time
    assert preserving.set_due_to_work(at_work.branch.office) == 0
    at_work.kit.tsa.down = False
    at_work.forward(timedelta(hours=1, seconds=1))
    assert preserving.set_due_to_work(at_work.branch.office) == 1
    assert at_work.work() == [Outcome.DONE]
    assert (at_work.row.level, at_work.row.state, at_work.row.detail) == ("B-LTA", "reached", "")


def test_what_was_reached_before_an_outage_is_kept(at_work: Keeping) -> None:
    at_work.kit.lists.down = True
    at_work.work()
    stamped = at_work.pdf
    assert at_work.row.state == "waiting"
    assert at_work.row.detail
    assert at_work.document.level == at_work.row.level
    at_work.kit.lists.down = False
    at_work.work()
    assert at_work.document.level == "B-LTA"
    assert at_work.pdf.startswith(stamped)
    # the time stamp of the first try serves: one more, over the security store
    assert at_work.kit.tsa.stamps == 2


def test_tries_grow_rarer_up_to_one_a_day(at_work: Keeping, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*_: object, **__: object) -> None:
        raise TimeStampUnavailable(detail="thực hành: 503")

    monkeypatch.setattr(preserving, "_extend", unavailable)
    waits = []
    for _ in range(8):
        while at_work.work() == [Outcome.AGAIN]:
            pass
        due = at_work.row.due
        assert due is not None
        waits.append(due - clock.now())
        at_work.forward(due - clock.now())
        assert preserving.set_due_to_work(at_work.branch.office) == 1
    hours = [round(one.total_seconds() / 3600) for one in waits]
    assert hours == [1, 2, 4, 8, 16, 24, 24, 24]


def test_a_branch_without_an_authority_says_so_and_begins_when_it_has_one(keeping: Keeping) -> None:
    keeping.services(on=False)
    assert keeping.branch.outgoing("preserve") == []
    assert preserving.set_due_to_work(keeping.branch.office) == 0
    assert "dấu thời gian" in keeping.row.detail
    assert preserving.preserve(keeping.branch.office, keeping.document.id).obstacle is not None
    keeping.services(on=True)
    assert preserving.set_due_to_work(keeping.branch.office) == 1
    assert keeping.work() == [Outcome.DONE]
    assert keeping.row.level == "B-LTA"


def test_documents_from_before_the_archive_are_taken_in(keeping: Keeping) -> None:
    with keeping.branch.office.work() as work:
        work.session.exec(delete(PreservationRow))
        work.commit()
    assert preserving.set_due_to_work(keeping.branch.office) == 1
    for _ in range(2):
        keeping.work()
    assert keeping.row.level == "B-LTA"


def test_the_calendar_renews_in_time_and_the_file_is_good_ten_years_on(at_work: Keeping) -> None:
    at_work.work()
    began, lengths = clock.now(), [len(at_work.pdf)]
    while clock.now() < began + timedelta(days=3650):
        row = at_work.row
        assert row.due is not None
        assert row.time_stamp_expires is not None
        at_work.forward(row.due - clock.now())
        at_work.kit.tsa.renew_certificate()
        assert clock.now() < row.time_stamp_expires
        assert preserving.set_due_to_work(at_work.branch.office) == 1
        outcomes = at_work.work()
        assert (at_work.row.detail, outcomes) == ("", [Outcome.DONE])
        assert at_work.row.time_stamp_expires is not None
        assert at_work.row.time_stamp_expires > row.time_stamp_expires
        lengths.append(len(at_work.pdf))
    assert len(at_work.branch.audit("renew")) == len(lengths) - 1 >= 3
    assert lengths == sorted(set(lengths))
    report = at_work.judged()
    assert report.verdict == "HOP_LE", [one.text("vi") for one in report.reasons]
    # and without the renewals nobody could say
    at_work.forward(timedelta(days=3650))
    assert at_work.judged().verdict == "CHUA_XAC_DINH"


def test_nothing_due_is_left_alone(at_work: Keeping) -> None:
    at_work.work()
    before = at_work.document.sha256
    assert preserving.preserve(at_work.branch.office, at_work.document.id).obstacle is None
    assert preserving.set_due_to_work(at_work.branch.office) == 0
    assert at_work.document.sha256 == before
    at_work.forward(timedelta(hours=1))
    assert preserving.preserve(at_work.branch.office, at_work.document.id, early=True).obstacle is None
    assert at_work.document.sha256 != before


def test_a_second_process_at_the_same_document_changes_nothing(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = keeping.branch.office
    release = preserving._release

    def late(*args: object, **more: object) -> object:
        monkeypatch.setattr(preserving, "_release", release)
        preserving.preserve(office, keeping.document.id)
        return release(*args, **more)  # type: ignore[arg-type]  # handed through as they came

    monkeypatch.setattr(preserving, "_release", late)
    done = preserving.preserve(office, keeping.document.id)
    assert done.archived.level == "B-LTA"
    assert len(keeping.branch.audit("extend")) == 1
    assert keeping.judged().verdict == "HOP_LE"


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_that_dies_at_the_release_is_followed_by_the_next(
    at_work: Keeping, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = preserving._release

    def deadly(*args: object, **more: object) -> None:
        monkeypatch.setattr(preserving, "_release", release)
        if when == "after":
            release(*args, **more)  # type: ignore[arg-type]  # handed through as they came
        raise SystemExit

    monkeypatch.setattr(preserving, "_release", deadly)
    with pytest.raises(SystemExit):
        at_work.work()
    assert at_work.work() == [Outcome.DONE]
    assert at_work.row.level == "B-LTA"
    assert len(at_work.branch.audit("extend")) == 1
    assert at_work.judged().verdict == "HOP_LE"


@pytest.mark.parametrize(
    ("left", "expected"),
    [(1095, 1005), (181, 91), (180, 90), (100, 50), (10, 5), (1, 1), (-5, 1)],
)
def test_renewal_is_early_enough_and_never_a_storm(left: int, expected: int) -> None:
    now = datetime(2026, 11, 25, 3, tzinfo=UTC)
    assert next_renewal(now, now + left * DAY, 90) == now + expected * DAY


def test_a_missing_document_is_told(keeping: Keeping) -> None:
    with pytest.raises(NotInArchive):
        preserving.preserve(keeping.branch.office, "không có")
    with pytest.raises(NotInArchive):
        preserving.find(keeping.branch.office, "không có")
    assert preserving.find(keeping.branch.office, keeping.document.number).document == keeping.document.id
