"""A practice branch for tests: real tokens, database, CMIS simulator and SMS gateway, made once and copied."""

from __future__ import annotations

import re
import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import httpx
import pytest
from sqlmodel import col, select

from adapters.cmis.simulator import simulator
from adapters.practice.server import background
from adapters.sms.inbox import inbox
from console.practice import phone
from console.practice.branch import CA, practice_folder, prepare
from console.practice.cases import Case, cases
from console.practice.people import PEOPLE, PIN
from console.practice.trust_services import settings_text, trust_services
from console.wiring import close_office, open_office
from kernel import clock, settings
from kernel.api.documents import Purpose, Role
from kernel.api.reading import shown
from kernel.casework import advancing, certificates, consenting, delivering, drawing, filling, intake, signing, staff
from kernel.dossier.progress import following, in_force, step_of
from kernel.dossier.readiness import draws_now, step_fields
from kernel.dossier.records import DocumentState
from kernel.dossier.signing_order import next_slot
from kernel.jobs import Outcome
from kernel.storage import documents, dossiers
from kernel.storage.tables import OutgoingRow
from kernel.storage.unit_of_work import audit_chain
from tests import softhsm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from adapters.practice.faults import Mode
    from kernel.audit import AuditRow
    from kernel.casework.office import Actor, Office
    from kernel.dossier.records import Dossier, DossierDocument

CONTRACT = "hop_dong_mua_ban_dien"
MINUTES = "bien_ban_treo_thao"


@dataclass
class Clock:
    """The present moment, moved by hand: it stands at the moment it was made plus what was added."""

    offset: timedelta = timedelta()
    fixed: datetime | None = None
    _real: Any = field(default=clock.now, repr=False)

    def now(self) -> datetime:
        return (self.fixed or self._real()) + self.offset

    def forward(self, **by: float) -> None:
        self.offset += timedelta(**by)


@dataclass
class Branch:
    """A practice branch at work in this process, and short ways to what tests need of it."""

    home: Path
    office: Office
    clock: Clock
    cmis_url: str
    sms_url: str
    case_id: str = ""
    """The dossier of the case, where the branch was copied with it."""
    trust_url: str = ""
    """The practice authority's services, where they run (fixture `with_trust`)."""

    # people

    def who(self, role: Role) -> Actor:
        return self.named(next(person.user for person in PEOPLE if role in person.roles))

    def named(self, user: str) -> Actor:
        with self.office.work(reading=True) as work:
            return next(one for one in staff.everyone(work.session, self.office.unit) if one.id == user)

    @property
    def clerk(self) -> Actor:
        return self.who(Role.GDV)

    def another_clerk(self) -> Actor:
        """Add and return a second clerk."""
        from kernel.casework.office import Actor

        other = Actor("hong", "Lương Thị Hồng", self.office.unit, (Role.GDV,), "001195000009", "PD0500GDV02", "GDV")
        with self.office.work() as work:
            staff.add(work.session, other, "thuchanh")
            work.commit()
        return other

    # what stands in for the outside world

    def fault(self, system: Literal["cmis", "sms", "trust"], mode: Mode, times: int = 1, path: str = "") -> None:
        """Arm a failure of CMIS, of the SMS gateway or of the trust services; `times` 0 disarms."""
        url = {"cmis": self.cmis_url, "sms": self.sms_url, "trust": self.trust_url}[system]
        wish = {"mode": mode, "times": times, "path": path, "seconds": 1}
        httpx.post(f"{url}/_practice/fault", json=wish, trust_env=False).raise_for_status()

    def token_fault(self, name: str, text: str = "") -> None:
        """Switch a fault of the token on (fixture `shimmed`)."""
        (self.home / "faults" / name).write_text(text, "utf-8")

    def mend_token(self, name: str) -> None:
        (self.home / "faults" / name).unlink()

    def token_calls(self, name: str) -> int:
        """Return how often a PKCS#11 function was called."""
        calls = self.home / "faults" / "calls"
        return calls.read_text("utf-8").splitlines().count(name) if calls.exists() else 0

    def cmis_state(self) -> dict[str, Any]:
        state: dict[str, Any] = httpx.get(f"{self.cmis_url}/_practice/state", trust_env=False).json()
        return state

    def inbox(self) -> tuple[phone.Received, ...]:
        return phone.messages(self.office.settings)

    def code(self, number: str) -> str:
        """Return the newest code the customer's phone received."""
        return phone.last_code(self.office.settings, number)

    # reading

    def dossier(self, dossier_id: str) -> Dossier:
        with self.office.work(reading=True) as work:
            return self.office.dossier(work, dossier_id)

    def documents(self, dossier_id: str) -> tuple[DossierDocument, ...]:
        with self.office.work(reading=True) as work:
            return documents.of_dossier(work.session, dossier_id)

    def document(self, dossier_id: str, document_type: str = CONTRACT) -> DossierDocument:
        found = in_force(self.documents(dossier_id), document_type)
        assert found is not None, document_type
        return found

    def audit(self, action: str = "") -> list[AuditRow]:
        with self.office.work(reading=True) as work:
            return [row for row in audit_chain(work) if action in ("", row.action)]

    def outgoing(self, kind: str = "") -> list[OutgoingRow]:
        with self.office.work(reading=True) as work:
            rows = work.session.exec(select(OutgoingRow).order_by(col(OutgoingRow.at)))
            return [row for row in rows if kind in ("", row.kind)]

    # working

    @property
    def case(self) -> Case:
        return cases(clock.local(self.clock.now()).date())[0]

    def take_in(self) -> str:
        """Take the requests in and return the id of the case's dossier."""
        intake.take_in(self.office, self.clerk)
        return self.find(self.case.phone)

    def find(self, words: str) -> str:
        with self.office.work(reading=True) as work:
            lines, _ = dossiers.page(work.session, dossiers.with_words(words), 0, 1)
        return lines[0].id

    def typed(self, dossier: Dossier, answers: Mapping[str, str]) -> dict[str, str]:
        """Return what stands in the fields of the present step, with these answers typed over it."""
        service = self.office.service(dossier)
        fields = step_fields(service, step_of(service, dossier.step))
        typed = {one.id: shown(one, dossier.values[one.id]) for one in fields if one.id in dossier.values}
        return {**typed, **{one.id: answers[one.id] for one in fields if one.id in answers}}

    def fill(self, dossier_id: str, **answers: str) -> Dossier:
        """Fill the present step as the case does, with `answers` over it."""
        dossier = self.dossier(dossier_id)
        service = self.office.service(dossier)
        actor = self.who(step_of(service, dossier.step).role)
        dossier = filling.claim(self.office, actor, dossier_id)
        for paper in service.papers:
            if paper.required and paper.id not in dossier.papers:
                dossier = filling.note_paper(self.office, actor, dossier_id, paper.id, "received")
        typed = self.typed(dossier, {**self.case.answers, **answers})
        return filling.save(self.office, actor, dossier_id, dossier.version, typed) if typed else dossier

    def to_step(self, step: str, dossier_id: str = "") -> str:
        """Bring the case to a step (its fields not yet filled) and return the dossier's id."""
        dossier_id = dossier_id or self.take_in()
        while (dossier := self.dossier(dossier_id)).step != step:
            dossier = self.fill(dossier_id)
            here = step_of(self.office.service(dossier), dossier.step)
            for draw in draws_now(dossier, here):
                self.complete(dossier_id, draw.document)
            actor = self.who(here.role)
            filling.leave(self.office, actor, dossier_id)
            advancing.advance(
                self.office, actor, dossier_id, following(dossier, self.office.service(dossier), here)[0].id
            )
        return dossier_id

    def draw(self, dossier_id: str = "", document_type: str = CONTRACT) -> DossierDocument:
        """Return the drawn contract of the case, or of a dossier in the right step."""
        if not dossier_id:
            dossier_id = self.to_step("du_thao_hop_dong")
            self.fill(dossier_id)
        return drawing.draw(self.office, self.clerk, dossier_id, document_type)

    def agree(self, document: DossierDocument) -> DossierDocument:
        """Let the customer get a code and read it out."""
        consenting.send_code(self.office, self.clerk, document.id, document.pages)
        number = str(self.dossier(document.dossier).values["dien_thoai"])
        return consenting.answer_code(self.office, self.clerk, document.id, self.code(number), "spoken")

    def candidates(self, document: DossierDocument) -> tuple[certificates.Candidate, ...]:
        return certificates.candidates(self.office, self.named("duc"), document.id)

    def certificate(self, document: DossierDocument) -> certificates.Candidate:
        """Return the certificate that may sign the next slot."""
        return next(one for one in self.candidates(document) if one.problem is None)

    def sign(self, document: DossierDocument, pin: str = PIN) -> DossierDocument:
        """Sign the next slot with the right token."""
        slot = next_slot(self.office.declared(document), document.filled)
        assert slot is not None
        assert slot.role is not None
        sha256 = self.certificate(document).certificate.sha256
        return signing.sign(self.office, self.who(slot.role), document.id, slot.field, sha256, pin)

    def complete(self, dossier_id: str, document_type: str = CONTRACT) -> DossierDocument:
        """Draw a document and let everybody agree and sign."""
        document = self.draw(dossier_id, document_type)
        while document.state is not DocumentState.COMPLETE:
            slot = next_slot(self.office.declared(document), document.filled)
            assert slot is not None
            document = self.agree(document) if slot.purpose is Purpose.CUSTOMER else self.sign(document)
        return document

    def deliver(self) -> list[Outcome]:
        """Try once at everything that waits to go out, as the worker does."""
        waiting = [row for row in self.outgoing() if row.state in ("waiting", "sending")]
        return [delivering.attempt(self.office, row.id) for row in waiting]

    # the disk

    def files_with(self, *words: str) -> list[str]:
        """Return the files below the home folder that hold one of the words, the gateway's own apart."""
        # digits may stand by chance in a hash
        needles = [re.compile(rb"(?<![0-9A-Za-z])" + re.escape(word.encode()) + rb"(?![0-9A-Za-z])") for word in words]
        outside = practice_folder(self.home)
        found = []
        for path in sorted(self.home.rglob("*")):
            if path.is_file() and outside not in path.parents:
                content = path.read_bytes()
                found += [f"{path.relative_to(self.home)}" for needle in needles if needle.search(content)]
        return found


def copy_branch(template: Path, home: Path) -> Path:
    """Copy a practice branch to `home`: its tokens, its database and settings that name the new place."""
    shutil.copytree(template, home)
    for path in (home / settings.FILE_NAME, practice_folder(home) / "softhsm" / "softhsm2.conf"):
        path.write_text(path.read_text("utf-8").replace(str(template), str(home)), "utf-8")
    return home


def _point_at(home: Path, cmis: str, sms: str, trust: str) -> None:
    path = home / settings.FILE_NAME
    before = settings.load(home)
    text = path.read_text("utf-8")
    text = text.replace(str(before.cmis.options["base_url"]), cmis).replace(str(before.sms.options["url"]), sms)
    # without them nothing is time-stamped behind a test's back
    text = text.partition("[trust_services]")[0]
    path.write_text(text + (settings_text(urlsplit(trust).port or 0) if trust else ""), "utf-8")


@pytest.fixture(scope="session")
def practice_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A practice branch as `quaydien demo` makes it. Never worked in: copy it."""
    home = tmp_path_factory.mktemp("practice") / "home"
    prepare(home, lambda _: None)
    return home


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of this process, moved by hand."""
    moved = Clock()
    monkeypatch.setattr(clock, "now", moved.now)
    return moved


def put_shim_before(home: Path) -> None:
    """Put the module of `pkcs11_shim/shim.c` before SoftHSM: `Branch.token_fault` switches its faults."""
    faults = home / "faults"
    faults.mkdir()
    path = home / settings.FILE_NAME
    text = path.read_text("utf-8").replace(f'path = "{softhsm.MODULE}"', f'path = "{softhsm.shim_module()}"')
    more = f'environment = {{ SHIM_MODULE = "{softhsm.MODULE}", SHIM_FAULTS = "{faults}", '
    path.write_text(text.replace("environment = { ", more), "utf-8")


@contextmanager
def at_work(home: Path, moved: Clock, case_id: str = "", *, trust: bool = False) -> Iterator[Branch]:
    """Open the practice branch in `home`, with its CMIS and its SMS gateway answering in threads.

    It has trust services only with `trust`.
    """
    folder = practice_folder(home)
    with ExitStack() as running:
        cmis = running.enter_context(background(simulator(folder / "cmis.db")))
        sms = running.enter_context(background(inbox(folder / "sms.db")))
        services = running.enter_context(background(trust_services(folder / CA))) if trust else ""
        _point_at(home, cmis, sms, services)
        office = open_office(home)
        running.callback(close_office, office)
        yield Branch(home, office, moved, cmis, sms, case_id, services)


@pytest.fixture(scope="session")
def drawn_template(practice_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The same with the case's contract drawn, and the id of its dossier. Never worked in: copy it."""
    home = copy_branch(practice_template, tmp_path_factory.mktemp("drawn") / "home")
    with at_work(home, Clock()) as made:
        case_id = made.draw().dossier
    return home, case_id


@pytest.fixture(scope="session")
def complete_template(drawn_template: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The same with that contract agreed to and signed by everybody. Never worked in: copy it."""
    template, case_id = drawn_template
    home = copy_branch(template, tmp_path_factory.mktemp("complete") / "home")
    with at_work(home, Clock(), case_id) as made:
        made.sign(made.sign(made.agree(made.document(case_id))))
    return home, case_id


@pytest.fixture
def complete(complete_template: tuple[Path, str], tmp_path: Path, steady: Clock) -> Iterator[Branch]:
    """A practice branch at work where the case's contract is complete and nothing of it has left yet."""
    template, case_id = complete_template
    with at_work(copy_branch(template, tmp_path / "home"), steady, case_id) as made:
        yield made


@pytest.fixture
def branch(practice_template: Path, tmp_path: Path, steady: Clock) -> Iterator[Branch]:
    """A fresh practice branch at work."""
    with at_work(copy_branch(practice_template, tmp_path / "home"), steady) as made:
        yield made


@pytest.fixture
def drawn(drawn_template: tuple[Path, str], tmp_path: Path, steady: Clock) -> Iterator[Branch]:
    """A practice branch at work where the case's contract (`branch.document(branch.case_id)`) lies drawn."""
    template, case_id = drawn_template
    with at_work(copy_branch(template, tmp_path / "home"), steady, case_id) as made:
        yield made


@pytest.fixture
def with_trust(drawn_template: tuple[Path, str], tmp_path: Path, steady: Clock) -> Iterator[Branch]:
    """As `drawn`, with the practice authority's time stamps, OCSP and lists answering."""
    template, case_id = drawn_template
    with at_work(copy_branch(template, tmp_path / "home"), steady, case_id, trust=True) as made:
        yield made


@pytest.fixture
def shimmed(drawn_template: tuple[Path, str], tmp_path: Path, steady: Clock) -> Iterator[Branch]:
    """As `drawn`, with a token that fails on demand."""
    template, case_id = drawn_template
    home = copy_branch(template, tmp_path / "home")
    put_shim_before(home)
    with at_work(home, steady, case_id) as made:
        yield made
