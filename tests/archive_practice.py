"""A practice branch whose archive is at work: services that answer at the branch's own moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from kernel import clock
from kernel.casework import delivering, preserving
from kernel.signing.verify import verify
from tests.archive_kit import Archive

if TYPE_CHECKING:
    from kernel.casework.preserving import Archived
    from kernel.dossier.records import DossierDocument
    from kernel.jobs import Outcome
    from kernel.signing.report import Report
    from kernel.trust_services.connect import TrustServices
    from tests.practice import Branch


class Keeping:
    """A branch whose contract is complete, with time-stamp and revocation services whose clock is the branch's."""

    def __init__(self, branch: Branch) -> None:
        self.branch = branch
        # a whole second, and none that is over: what is due now must be due then
        self.kit = Archive(clock.now().replace(microsecond=0) + timedelta(seconds=1), "Lưu trữ Điện lực")
        branch.clock.fixed = self.kit.clock.now
        (branch.office.settings.trust / "dau-thoi-gian.pem").write_bytes(self.kit.stamping.root.pem)
        self.services(on=True)

    def services(self, *, on: bool, at_signing: bool = False) -> None:
        # real clients are tested elsewhere: these two answer at whatever moment the test has reached
        found = SimpleNamespace(
            time_stamper=self.kit.tsa,
            at_signing=self.kit.tsa if at_signing else None,
            revocation=self.kit.lists,
            close=lambda: None,
        )
        services = cast("TrustServices", found) if on else None
        self.branch.office = replace(self.branch.office, trust_services=services)

    def forward(self, by: timedelta) -> None:
        self.branch.clock.offset += by
        self.kit.clock.on(by)

    @property
    def document(self) -> DossierDocument:
        return self.branch.document(self.branch.case_id)

    @property
    def pdf(self) -> bytes:
        return self.branch.office.blobs.get(self.document.sha256)

    @property
    def row(self) -> Archived:
        (found,) = preserving.archive(self.branch.office)
        return found

    def work(self) -> list[Outcome]:
        """Do the archive's jobs that wait, once each."""
        jobs = [one for one in self.branch.outgoing("preserve") if one.state in ("waiting", "sending")]
        return [delivering.attempt(self.branch.office, one.id) for one in jobs]

    def judged(self) -> Report:
        """Return what the verifier says at the branch's moment."""
        return verify(self.pdf, self.branch.office.trust, at=clock.now(), seconds=30)
