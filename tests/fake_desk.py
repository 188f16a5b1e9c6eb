"""A whole desk in memory, plain and the same on every run, for tests of the screens. Drafts may go to a file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from console.desk import (
    Area,
    Branch,
    Certificate,
    Challenge,
    DocumentState,
    DocumentView,
    DossierView,
    FieldFinding,
    IntakeReport,
    Preview,
    QueuePage,
    QueueRow,
    QueueTab,
    SignatureDone,
    SlotView,
    Span,
    Staff,
    StampView,
    TokenState,
)
from kernel.api.documents import Role
from kernel.api.fields import Field, Kind
from kernel.api.findings import finding_text
from kernel.api.reading import read
from kernel.api.services import Obstacle, Service
from kernel.api.text import Text, fold, nfc
from tests.fake_batches import CODE, PASSWORD, PIN, START, FakeBatches, Refused
from tests.fake_elsewhere import FakeElsewhere
from tests.fake_service import NAMES, OTHER_SERVICE, SERVICE, SLOTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

__all__ = ["CODE", "PASSWORD", "PIN", "START", "FakeDesk", "Refused"]


@dataclass
class Dossier:
    """A dossier of the fake desk, changed in place."""

    id: str
    code: str
    customer: str
    minutes_left: int
    waiting: bool = False
    holder: str = ""
    step: str = "tiep_nhan"
    done: tuple[str, ...] = ()
    version: int = 1
    saved: dict[str, str] = field(default_factory=dict)
    papers: dict[str, str] = field(default_factory=dict)
    closed: bool = False
    variant: str = "sh"


class FakeDesk(FakeBatches, FakeElsewhere):
    """Answers like a desk. `calls` counts what was asked; `fail_next[name]` is raised by that method once."""

    def __init__(self, *, dossiers: int = 60, drafts: Path | None = None) -> None:
        super().__init__()
        self.token_states: list[TokenState] = [TokenState("A1", "Thuc hanh", "present", 3, "Trần Văn Bình")]
        self.service = SERVICE
        self.walk_ins: list[tuple[str, str, dict[str, str]]] = []
        self.pages_viewed: list[int] = []
        self.level_awaited = ""
        self._drafts_file = drafts
        self.drafts: dict[str, dict[str, str]] = {}
        if drafts is not None and drafts.exists():
            self.drafts = json.loads(drafts.read_text("utf-8"))
        self.draft_at = START
        self._dossiers = {
            f"d{number}": Dossier(
                f"d{number}", f"GC26112300{number:02d}", NAMES[number % len(NAMES)], number * 97 - 480,
                waiting=number % 7 == 3, holder="tôi" if number % 2 else "tổ treo tháo",
                saved={"ten_khach_hang": NAMES[number % len(NAMES)]},
            )
            for number in range(dossiers)
        }  # fmt: skip
        self._signed: dict[str, list[SlotView]] = {}
        self._challenges: dict[str, Challenge] = {}
        self.pdf_folder: Path | None = None

    def branch(self) -> Branch:
        self._called("branch")
        return Branch("PD0500", "Điện lực Thực Hành", practice=True)

    def facts(self) -> Sequence[tuple[str, str]]:
        self._called("facts")
        return [("Phiên bản", "0.1.0"), ("Cơ sở dữ liệu", "trong bộ nhớ [x]"), ("CMIS", "giả")]

    def sign_in(self, user: str, password: str) -> Staff:
        self._called("sign_in")
        if password != PASSWORD:
            raise Refused("Sai tên hoặc mật khẩu", "Tên và mật khẩu không khớp.", "Gõ lại mật khẩu.")
        return Staff(user, "Nguyễn Thị Ánh", (Role.GDV,))

    def sign_out(self) -> None:
        self._called("sign_out")

    def services(self) -> Sequence[Service]:
        self._called("services")
        return (self.service, OTHER_SERVICE)

    def _tab(self, tab: QueueTab) -> list[Dossier]:
        found = sorted(self._dossiers.values(), key=lambda dossier: dossier.minutes_left)
        tabs: dict[QueueTab, Callable[[Dossier], bool]] = {
            "mine": lambda dossier: dossier.holder == "tôi",
            "unit": lambda _dossier: True,
            "overdue": lambda dossier: dossier.minutes_left < 0,
            "to_sign": lambda dossier: dossier.step == "hop_dong",
            "waiting": lambda dossier: dossier.waiting,
        }
        keep = tabs[tab]
        return [dossier for dossier in found if keep(dossier) and not dossier.closed]

    def counts(self) -> Mapping[QueueTab, int]:
        self._called("counts")
        tabs: tuple[QueueTab, ...] = ("mine", "unit", "overdue", "to_sign", "waiting")
        return {tab: len(self._tab(tab)) for tab in tabs}

    def queue(self, tab: QueueTab, words: str, offset: int, limit: int) -> QueuePage:
        self._called("queue")
        asked = fold(words).split()
        rows = [
            QueueRow(
                dossier.id, dossier.code, self.service.title, self.service.variants[0].title, dossier.customer,
                self.service.step(dossier.step).title, dossier.holder, START + timedelta(minutes=dossier.minutes_left),
                dossier.minutes_left, dossier.waiting,
            )
            for dossier in self._tab(tab)
            if all(word in fold(f"{dossier.code} {dossier.customer}") for word in asked)
        ]  # fmt: skip
        return QueuePage(tuple(rows[offset : offset + limit]), len(rows))

    def intake(self) -> IntakeReport:
        self._called("intake")
        return IntakeReport(2, 58)

    def open_walk_in(self, service: str, variant: str, typed: Mapping[str, str]) -> str:
        self._called("open_walk_in")
        self.walk_ins.append((service, variant, dict(typed)))
        number = len(self._dossiers)
        self._dossiers[f"d{number}"] = Dossier(
            f"d{number}", f"GK39576{number:02d}", typed.get("ten_khach_hang", ""), 900, holder="tôi", saved=dict(typed)
        )
        return f"d{number}"

    def _view(self, dossier: str) -> DossierView:
        found = self._dossiers[dossier]
        typed = {**found.saved, **self.drafts.get(dossier, {})}
        variant = next((each for each in self.service.variants if each.id == found.variant), self.service.variants[0])
        step = self.service.step(found.step)
        return DossierView(
            found.id, found.code, self.service, variant, step,
            tuple(map(self.service.step, step.next)), self.service.steps, tuple(draw.document for draw in step.draws),
            self.service.papers, found.done, found.closed, found.version,
            typed, self.draft_at if dossier in self.drafts else None, dict(found.papers),
            tuple(self._document(id_) for id_ in self._signed if id_.startswith(f"{dossier}/")),
            "Nguyễn Thị Ánh", START + timedelta(minutes=found.minutes_left), found.waiting,
            self.service.step("tiep_nhan").obstacles[0].title if found.waiting else None,
        )  # fmt: skip

    def open(self, dossier: str) -> DossierView:
        self._called("open")
        return self._view(dossier)

    def peek(self, dossier: str) -> DossierView:
        self._called("peek")
        return self._view(dossier)

    def leave(self, dossier: str) -> None:
        self._called("leave")

    def step_fields(self, dossier: str) -> Sequence[Field]:
        self._called("step_fields")
        view = self._view(dossier)
        wanted = view.step.sections
        return [each for section in self.service.sections if section.id in wanted for each in section.fields]

    def save_draft(self, dossier: str, typed: Mapping[str, str]) -> datetime:
        self._called("save_draft")
        self.drafts[dossier] = dict(typed)
        self._keep_drafts()
        self.draft_at += timedelta(seconds=1)
        return self.draft_at

    def _keep_drafts(self) -> None:
        if self._drafts_file is not None:
            new = self._drafts_file.with_suffix(".new")
            new.write_text(json.dumps(self.drafts, ensure_ascii=False), "utf-8")
            new.replace(self._drafts_file)

    def discard_draft(self, dossier: str) -> DossierView:
        self._called("discard_draft")
        self.drafts.pop(dossier, None)
        self._keep_drafts()
        return self._view(dossier)

    def check(self, dossier: str, typed: Mapping[str, str]) -> Sequence[FieldFinding]:
        self._called("check")
        findings = []
        for each in self.step_fields(dossier):
            value = nfc(typed.get(each.id, "")).strip()
            label = each.label.vi
            if each.kind is Kind.TABLE:
                found = read(each, typed.get(each.id, "")).findings
                findings += [FieldFinding(each.id, one.severity, finding_text(one)) for one in found]
            if not value:
                if each.required and not each.formula:
                    findings.append(FieldFinding(each.id, "error", f"{label} còn trống."))
            elif each.kind is Kind.INTEGER and not (value.isdecimal() and 1 <= int(value) <= 31):
                findings.append(FieldFinding(each.id, "error", f"{label} phải từ 1 đến 31."))
            elif each.kind is Kind.CITIZEN_ID and len(value) != 12:
                findings.append(FieldFinding(each.id, "error", f"{label} phải đủ 12 số."))
            elif each.kind is Kind.EMAIL and "@" not in value:
                findings.append(FieldFinding(each.id, "warning", f"{label} thiếu @."))
        return findings

    def save(self, dossier: str, version: int, typed: Mapping[str, str]) -> DossierView:
        self._called("save")
        found = self._dossiers[dossier]
        found.saved = dict(typed)
        found.version += 1
        found.customer = typed.get("ten_khach_hang", found.customer)
        self.drafts.pop(dossier, None)
        self._keep_drafts()
        return self._view(dossier)

    def receive_paper(self, dossier: str, paper: str, state: Literal["received", "later", "missing"]) -> DossierView:
        self._called("receive_paper")
        papers = self._dossiers[dossier].papers
        if state == "missing":
            papers.pop(paper, None)
        else:
            papers[paper] = state
        return self._view(dossier)

    def advance(self, dossier: str, next_step: str) -> DossierView:
        self._called("advance")
        found = self._dossiers[dossier]
        found.done = (*found.done, found.step)
        found.step = next_step
        found.version += 1
        found.closed = not self.service.step(next_step).next
        return self._view(dossier)

    def report_obstacle(self, dossier: str, obstacle: Obstacle, note: str) -> DossierView:
        self._called("report_obstacle")
        found = self._dossiers[dossier]
        found.waiting = obstacle.fixable
        found.closed = not obstacle.fixable
        self.obstacle = (obstacle.code, note)
        return self._view(dossier)

    def resume(self, dossier: str) -> DossierView:
        self._called("resume")
        self._dossiers[dossier].waiting = False
        return self._view(dossier)

    def _document(self, document: str) -> DocumentView:
        slots = self._signed[document]
        done = [slot for slot in slots if slot.state in ("consent", "signature")]
        states: tuple[DocumentState, ...] = ("drawn", "consented", "signed", "complete")
        return DocumentView(
            document, "hop_dong_mua_ban_dien", Text("Hợp đồng mua bán điện sinh hoạt", "Household supply contract"),
            states[len(done)], 3, "9f2c" + "0" * 56 + "41ab", "B-B" if len(done) > 1 else "", tuple(slots),
            self.awaited if self.awaited is not None and self.awaited.open else None, self.level_awaited,
        )  # fmt: skip

    def draw(self, dossier: str, document_type: str) -> DocumentView:
        self._called("draw")
        document = f"{dossier}/{document_type}"
        if document not in self._signed:
            self._signed[document] = [
                SlotView(slot, "next" if number == 0 else "empty", "", None) for number, slot in enumerate(SLOTS)
            ]
        return self._document(document)

    def preview(self, document: str) -> Preview:
        self._called("preview")
        name = self._dossiers[document.split("/", maxsplit=1)[0]].customer
        pages = []
        for number in range(1, 4):
            lines: list[tuple[Span, ...]] = [
                (Span(f"Trang {number}", value=False),),
                (Span("Bên mua điện: ", value=False), Span(name, value=True), Span(", sinh năm 1990", value=False)),
            ]
            lines += [
                (Span(f"Điều {number}.{line}. Hai bên thực hiện đúng các điều khoản của hợp đồng này.", value=False),)
                for line in range(1, 30)
            ]
            pages.append(tuple(lines))
        return Preview(self._document(document).title, "9f2c" + "0" * 56 + "41ab", tuple(pages))

    def pdf(self, document: str) -> Path:
        self._called("pdf")
        assert self.pdf_folder is not None
        path = self.pdf_folder / "hop_dong.pdf"
        path.write_bytes(b"%PDF-1.7\n")
        return path

    def challenge(self, document: str) -> Challenge | None:
        self._called("challenge")
        return self._challenges.get(document)

    def send_code(self, document: str, pages_viewed: int) -> Challenge:
        self._called("send_code")
        from kernel.clock import now

        self.pages_viewed.append(pages_viewed)
        sent = now()
        self._challenges[document] = Challenge(
            document, "090***0012", sent, sent + timedelta(minutes=5), 5,
            Text("nhà mạng đã nhận, chưa biết máy khách có nhận", "the carrier took it; arrival not known"),
        )  # fmt: skip
        return self._challenges[document]

    def answer_code(self, document: str, code: str, given: Literal["spoken", "keypad"]) -> DocumentView:
        self._called("answer_code")
        challenge = self._challenges.get(document)
        if challenge is None:
            raise Refused("Chưa gửi mã nào", advice="Nhấn F9 để gửi mã.")
        if code != CODE:
            self._challenges[document] = replace(challenge, tries_left=challenge.tries_left - 1)
            raise Refused("Mã không đúng", f"Còn {challenge.tries_left - 1} lần.", "Nhờ khách đọc lại mã.")
        del self._challenges[document]
        self.given = given
        self._fill(document, "consent", self._dossiers[document.split("/", maxsplit=1)[0]].customer)
        return self._document(document)

    def _fill(self, document: str, state: str, signer: str) -> None:
        slots = self._signed[document]
        for number, slot in enumerate(slots):
            if slot.state == "next":
                slots[number] = SlotView(slot.slot, state, signer, START)  # type: ignore[arg-type]  # a test's word
                if number + 1 < len(slots):
                    slots[number + 1] = replace(slots[number + 1], state="next")
                return

    def tokens(self) -> Sequence[TokenState]:
        self._called("tokens")
        return list(self.token_states)

    def certificates(self, document: str) -> Sequence[Certificate]:
        self._called("certificates")
        good = Certificate(
            "ab" * 32, "Trần Văn Bình", "CCCD:001080000001", "CA Thực Hành", START - timedelta(days=30),
            START + timedelta(days=700), "Thuc hanh", None,
        )  # fmt: skip
        bad = replace(
            good,
            id="cd" * 32,
            subject="Trần Văn Bình (cũ) [x]",
            valid_to=START - timedelta(days=1),
            problem=Text("đã hết hạn", "expired"),
        )
        return [good, bad]

    def stamp(self, document: str, certificate: str) -> StampView:
        self._called("stamp")
        slot = next(view.slot for view in self._signed[document] if view.state == "next")
        if slot.role is Role.VT:
            return StampView(
                (), Text("con dấu 36 × 36 mm", "seal, 36 × 36 mm"), 2, 3, Area(0.53, 0.74, 0.7, 0.86),
                (Area(0.59, 0.75, 0.91, 0.85), Area(0.16, 0.75, 0.48, 0.85)), (36.0, 36.0),
            )  # fmt: skip
        name = next(one.subject for one in self.certificates(document) if one.id == certificate)
        return StampView(
            (f"Ký bởi: {name}", "Giám đốc, Điện lực Ữ [x]", "Thời gian ký: 2026-11-23 14:05:00 +07:00"),
            Text("chữ ký tay 40 × 18 mm", "handwritten signature, 40 × 18 mm"), 2, 3, Area(0.59, 0.75, 0.91, 0.85),
            (Area(0.53, 0.74, 0.7, 0.86), Area(0.16, 0.75, 0.48, 0.85)), (68.0, 30.0),
        )  # fmt: skip

    def stamp_pdf(self, document: str, certificate: str) -> Path:
        self._called("stamp_pdf")
        assert self.pdf_folder is not None
        path = self.pdf_folder / "xem-truoc.pdf"
        path.write_bytes(b"%PDF-1.7\n")
        return path

    def sign(self, document: str, slot: str, certificate: str, pin: str) -> SignatureDone:
        self._called("sign")
        self.pins.append(pin)
        if pin != PIN:
            token = self.token_states[0]
            left = (token.tries_left or 1) - 1
            self.token_states[0] = replace(token, tries_left=left, presence="final_try" if left == 1 else "present")
            raise Refused("PIN không đúng", f"Còn {left} lần thử.", "Gõ lại PIN, chú ý phím Num Lock.")
        self._fill(document, "signature", "Trần Văn Bình")
        return SignatureDone(self._document(document), "Trần Văn Bình", 1.234)

    def practice_inbox(self) -> Sequence[tuple[datetime, str, str]]:
        self._called("practice_inbox")
        return [(START, "0900000012", f"Ma xac nhan hop dong: {CODE} [/b]")]
