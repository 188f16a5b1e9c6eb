"""The desk over the kernel: each method is one verb of casework, its answer in the shapes of the screens."""

from __future__ import annotations

import socket
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from console import desk as shapes
from console import queue_view, token_view
from console.desk_elsewhere import ElsewhereView
from console.kernel_desk_batches import BatchVerbs
from console.kernel_desk_elsewhere import ElsewhereVerbs
from console.practice import phone
from kernel.api.fields import Field
from kernel.api.findings import finding_text
from kernel.api.messages import message
from kernel.api.services import Obstacle, Service, Variant
from kernel.api.text import Language, Text
from kernel.casework import (
    advancing,
    certificates,
    consenting,
    drawing,
    filling,
    intake,
    preserving,
    signing,
    staff,
    stamp_preview,
)
from kernel.casework.errors import PracticeOnly, SignInRefused
from kernel.casework.office import Actor, Office
from kernel.dossier.progress import course, following, step_of, steps_done
from kernel.dossier.readiness import draws_now, papers_asked
from kernel.dossier.records import DocumentState, Dossier, DossierDocument, DossierState
from kernel.dossier.signing_order import next_slot
from kernel.errors import StorageFull
from kernel.storage import documents
from kernel.tokens.watch_client import Watch


class KernelDesk(ElsewhereVerbs, BatchVerbs):
    """A desk where one person at a time is signed in. See `console.desk.Desk`."""

    def __init__(self, office: Office, watch: Watch, language: Language) -> None:
        self._office = office
        self._watch = watch
        self._language = language
        self._signed_in: Actor | None = None
        self._shown = tempfile.TemporaryDirectory(prefix="quaydien-")

    @property
    def _actor(self) -> Actor:
        if self._signed_in is None:
            raise SignInRefused
        return self._signed_in

    def branch(self) -> shapes.Branch:
        """See Desk."""
        chosen = self._office.settings
        branch = chosen.branch
        return shapes.Branch(branch.code, branch.name, branch.practice, chosen.idle_lock_minutes)

    def facts(self) -> Sequence[tuple[str, str]]:
        """See Desk."""
        chosen = self._office.settings
        plugins = [f"{plugin.id}: {plugin.state}" for plugin in self._office.registry.plugins]
        return (
            ("Quầy Điện", version("quaydien")),
            ("Đơn vị", f"{chosen.branch.code} {chosen.branch.name}"),
            ("Máy", socket.gethostname()),
            ("Thư mục", str(chosen.home)),
            ("CSDL", self._office.engine.dialect.name),
            ("CMIS", str(chosen.cmis.options.get("base_url", ""))),
            ("SMS", str(chosen.sms.options.get("url", ""))),
            ("Tiện ích", ", ".join(plugins)),
        )

    def sign_in(self, user: str, password: str) -> shapes.Staff:
        """See Desk."""
        self._signed_in = staff.sign_in(self._office, user, password)
        return shapes.Staff(self._signed_in.id, self._signed_in.name, self._signed_in.roles)

    def sign_out(self) -> None:
        """See Desk."""
        self._signed_in = None
        if self.batch_at_work:
            return  # the batch locks the token when it ends: the screen may be covered meanwhile
        for signer in self._office.signers.values():
            signer.lock()

    def services(self) -> Sequence[Service]:
        """See Desk."""
        return self._office.registry.services()

    def counts(self) -> Mapping[shapes.QueueTab, int]:
        """See Desk."""
        return queue_view.counts(self._office, self._actor)

    def queue(self, tab: shapes.QueueTab, words: str, offset: int, limit: int) -> shapes.QueuePage:
        """See Desk."""
        return queue_view.page(self._office, self._actor, tab, words, offset, limit)

    def intake(self) -> shapes.IntakeReport:
        """See Desk."""
        report = intake.take_in(self._office, self._actor)
        return shapes.IntakeReport(report.added, report.known)

    def open_walk_in(self, service: str, variant: str, typed: Mapping[str, str]) -> str:
        """See Desk."""
        return intake.open_walk_in(self._office, self._actor, service, variant, typed)

    def open(self, dossier: str) -> shapes.DossierView:
        """See Desk."""
        return self._view(filling.claim(self._office, self._actor, dossier))

    def peek(self, dossier: str) -> shapes.DossierView:
        """See Desk."""
        with self._office.work(reading=True) as work:
            found = self._office.dossier(work, dossier)
        return self._view(found)

    def leave(self, dossier: str) -> None:
        """See Desk."""
        filling.leave(self._office, self._actor, dossier)

    def step_fields(self, dossier: str) -> Sequence[Field]:
        """See Desk."""
        with self._office.work(reading=True) as work:
            return filling.open_fields(self._office, work, self._office.dossier(work, dossier))

    def save_draft(self, dossier: str, typed: Mapping[str, str]) -> datetime:
        """See Desk."""
        return filling.save_draft(self._office, self._actor, dossier, typed)

    def discard_draft(self, dossier: str) -> shapes.DossierView:
        """See Desk."""
        filling.discard_draft(self._office, self._actor, dossier)
        return self.peek(dossier)

    def check(self, dossier: str, typed: Mapping[str, str]) -> Sequence[shapes.FieldFinding]:
        """See Desk."""
        return [
            shapes.FieldFinding(finding.field, finding.severity, finding_text(finding, self._language))
            for finding in filling.findings(self._office, dossier, typed)
        ]

    def save(self, dossier: str, version: int, typed: Mapping[str, str]) -> shapes.DossierView:
        """See Desk."""
        return self._view(filling.save(self._office, self._actor, dossier, version, typed))

    def receive_paper(
        self, dossier: str, paper: str, state: Literal["received", "later", "missing"]
    ) -> shapes.DossierView:
        """See Desk."""
        return self._view(filling.note_paper(self._office, self._actor, dossier, paper, state))

    def advance(self, dossier: str, next_step: str) -> shapes.DossierView:
        """See Desk."""
        return self._view(advancing.advance(self._office, self._actor, dossier, next_step))

    def report_obstacle(self, dossier: str, obstacle: Obstacle, note: str) -> shapes.DossierView:
        """See Desk."""
        return self._view(advancing.report_obstacle(self._office, self._actor, dossier, obstacle.code, note))

    def resume(self, dossier: str) -> shapes.DossierView:
        """See Desk."""
        return self._view(advancing.resume(self._office, self._actor, dossier))

    def draw(self, dossier: str, document_type: str) -> shapes.DocumentView:
        """See Desk."""
        return self._document(drawing.draw(self._office, self._actor, dossier, document_type))

    def preview(self, document: str) -> shapes.Preview:
        """See Desk."""
        # imported late: the PDF reader is needed when the first document is shown
        from kernel.documents.drawing import PlacedValue
        from kernel.documents.preview import mark, read_pages

        found = self._read(document)
        pdf = self._office.blobs.get(found.base_sha256)
        pages = mark(read_pages(pdf), [PlacedValue(**placed) for placed in found.placed])  # type: ignore[arg-type]  # written from PlacedValue, read back from JSON
        return shapes.Preview(
            title=self._office.declared(found).title,
            sha256=found.base_sha256,
            pages=tuple(
                tuple(tuple(shapes.Span(span.text, span.value) for span in line) for line in lines) for lines in pages
            ),
        )

    def pdf(self, document: str) -> Path:
        """See Desk."""
        found = self._read(document)
        return self._show(f"{found.type}-{found.sha256[:12]}.pdf", self._office.blobs.get(found.sha256))

    def stamp(self, document: str, certificate: str) -> shapes.StampView:
        """See Desk."""
        # imported late: Typst and the PDF reader are needed when the first stamp is shown
        from console.stamp_view import stamp_view

        return stamp_view(stamp_preview.preview_stamp(self._office, document, certificate))

    def stamp_pdf(self, document: str, certificate: str) -> Path:
        """See Desk."""
        content = stamp_preview.preview_stamp_pdf(self._office, document, certificate)
        return self._show(f"xem-truoc-{document[:12]}.pdf", content)

    def _show(self, name: str, content: bytes) -> Path:
        """Write a file for the system's viewer, for this person's eyes."""
        path = Path(self._shown.name) / name
        try:
            path.touch(mode=0o600)
            path.write_bytes(content)
        except OSError as error:
            raise StorageFull(path=path, detail=error.strerror or error) from error
        return path

    def challenge(self, document: str) -> shapes.Challenge | None:
        """See Desk."""
        found = consenting.challenge(self._office, document)
        return _challenge(found) if found else None

    def send_code(self, document: str, pages_viewed: int) -> shapes.Challenge:
        """See Desk."""
        return _challenge(consenting.send_code(self._office, self._actor, document, pages_viewed))

    def answer_code(self, document: str, code: str, given: Literal["spoken", "keypad"]) -> shapes.DocumentView:
        """See Desk."""
        return self._document(consenting.answer_code(self._office, self._actor, document, code, given))

    def tokens(self) -> Sequence[shapes.TokenState]:
        """See Desk."""
        return token_view.states(self._watch.snapshot)

    def certificates(self, document: str) -> Sequence[shapes.Certificate]:
        """See Desk."""
        return [
            token_view.certificate(candidate)
            for candidate in certificates.candidates(self._office, self._actor, document)
        ]

    def sign(self, document: str, slot: str, certificate: str, pin: str) -> shapes.SignatureDone:
        """See Desk."""
        began = time.monotonic()
        signed = signing.sign(self._office, self._actor, document, slot, certificate, pin)
        return shapes.SignatureDone(self._document(signed), signed.filled[-1].signer, time.monotonic() - began)

    def practice_inbox(self) -> Sequence[tuple[datetime, str, str]]:
        """See Desk."""
        if not self._office.settings.branch.practice:
            raise PracticeOnly
        return [(one.at, one.phone, one.text) for one in phone.messages(self._office.settings)]

    def close(self) -> None:
        """Wipe the files that were shown."""
        self._shown.cleanup()

    def _read(self, document: str) -> DossierDocument:
        with self._office.work(reading=True) as work:
            return documents.get(work.session, document)

    def _view(self, dossier: Dossier) -> shapes.DossierView:
        service = self._office.service(dossier)
        step = step_of(service, dossier.step)
        with self._office.work(reading=True) as work:
            typed, draft_at = filling.typed_now(work, service, dossier, self._actor)
            drawn = documents.of_dossier(work.session, dossier.id)
            names = {one.id: one.name for one in staff.everyone(work.session, dossier.unit)}
        unknown = Variant(dossier.variant, Text(dossier.variant, dossier.variant))
        return shapes.DossierView(
            id=dossier.id,
            code=dossier.code,
            service=service,
            variant=next((variant for variant in service.variants if variant.id == dossier.variant), unknown),
            step=step,
            next=following(dossier, service, step),
            steps=course(dossier, service),
            draws=tuple(draw.document for draw in draws_now(dossier, step)),
            asked=papers_asked(dossier, service),
            done=steps_done(dossier),
            closed=dossier.state in (DossierState.CLOSED, DossierState.CANCELLED),
            version=dossier.version,
            typed=typed,
            draft_at=draft_at,
            papers=dossier.papers,
            documents=tuple(self._document(one) for one in drawn if one.state is not DocumentState.VOID),
            holder=names.get(dossier.holder, dossier.holder),
            due=dossier.due_at,
            waiting=dossier.state is DossierState.WAITING_CUSTOMER,
            obstacle=_obstacle(service, dossier),
        )

    def _document(self, document: DossierDocument) -> shapes.DocumentView:
        declared = self._office.declared(document)
        filled = {one.field: one for one in document.filled}
        following = next_slot(declared, document.filled)
        slots = []
        for slot in declared.slots:
            done = filled.get(slot.field)
            state: Literal["empty", "next", "consent", "signature"] = "empty"
            if done:
                state = "consent" if done.means == "consent" else "signature"
            elif following is slot and document.state is not DocumentState.VOID:
                state = "next"
            slots.append(shapes.SlotView(slot, state, done.signer if done else "", done.at if done else None))
        return shapes.DocumentView(
            id=document.id,
            type=document.type,
            title=declared.title,
            state=document.state.value,
            pages=document.pages,
            sha256=document.base_sha256,
            level=document.level,
            slots=tuple(slots),
            awaited=self._awaited(document),
            level_awaited=preserving.awaited(self._office, document.id) if document.level else "",
        )

    def _awaited(self, document: DossierDocument) -> ElsewhereView | None:
        return self.awaited(document.id) if document.state is not DocumentState.COMPLETE else None


def _challenge(found: consenting.Challenge) -> shapes.Challenge:
    words = Text(*(message(f"delivery.{found.delivery}", language) for language in ("vi", "en")))
    return shapes.Challenge(found.document, found.phone, found.sent_at, found.expires_at, found.tries_left, words)


def _obstacle(service: Service, dossier: Dossier) -> Text | None:
    """Return why the dossier waits for the customer, None if it does not."""
    if dossier.state is not DossierState.WAITING_CUSTOMER or not dossier.history:
        return None
    last = dossier.history[-1]
    reasons = step_of(service, last.step).obstacles
    return next((one.title for one in reasons if one.code == last.obstacle), None)
