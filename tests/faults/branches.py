"""Practice branches for fault tests: copied for each test, served, killed, and looked at afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
from sqlmodel import Session, select

from console.practice.branch import move_services
from console.practice.running import services
from kernel import audit, settings
from kernel.api.documents import Purpose
from kernel.registry import Registry
from kernel.storage.engine import open_engine
from kernel.storage.tables import (
    AuditTableRow,
    ChallengeRow,
    DocumentRow,
    DossierRow,
    DraftRow,
    EvidenceRow,
    OutgoingRow,
    SigningRow,
)
from kernel.storage.unit_of_work import UnitOfWork, audit_chain
from kernel.tokens.journal import read_log
from tests.practice import copy_branch

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 240
"""Seconds a process may take on a machine that does much else."""


def copy(template: Path, home: Path) -> Path:
    """Copy a practice branch; its stand-in services get ports of their own."""
    copy_branch(template, home)
    move_services(home)
    return home


@contextmanager
def served(home: Path) -> Iterator[None]:
    """Run the stand-ins for CMIS and the SMS gateway; they outlive the consoles that are killed."""
    with services(home):
        yield


def start(
    home: Path, *words: str, output: int = subprocess.DEVNULL, errors: int | None = None
) -> subprocess.Popen[bytes]:
    """Start `python -m WORDS`; what it tells goes to `faults.log` unless `errors` is given."""
    with (home / "faults.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", *words],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=log if errors is None else errors,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )


def finish(home: Path) -> dict[str, Any]:
    """Start the product as a user would and return its report; it must end well."""
    process = start(home, "console", "demo", "--headless", "--json", "--home", str(home), output=subprocess.PIPE)
    answer, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said(home)
    report: dict[str, Any] = json.loads(answer)
    return report


def said(home: Path) -> str:
    """Return the end of what the processes of a branch said."""
    logs = [home / "faults.log", *sorted(home.glob("state/**/*.log"))]
    return "\n".join(f"== {log.name}\n{log.read_text('utf-8', 'replace')[-3000:]}" for log in logs if log.exists())


def processes(home: Path) -> dict[int, str]:
    """Return the running processes of a branch by id: their command lines name its folder."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with suppress(OSError):
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                if f"{home} " in f"{words} ".replace("/state/", " ") and " -m " in words:
                    found[int(entry.name)] = words
    return found


def kill(home: Path, which: str = "") -> int:
    """SIGKILL the processes of a branch whose command line has `which` in it; return how many."""
    killed = 0
    for process, words in processes(home).items():
        if which in words:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
                killed += 1
    return killed


def intact(home: Path) -> None:
    """Assert what has to hold at any moment, also between a crash and the next start."""
    engine = open_engine(settings.load(home).database_url)
    try:
        with UnitOfWork(engine, reading=True) as work:
            assert not audit.breaks(audit_chain(work))
            _nothing_twice(work.session)
            for document in work.session.exec(select(DocumentRow)):
                for sha256 in (document.base_sha256, document.sha256):
                    assert (home / "blobs" / sha256[:2] / sha256[2:]).is_file()
    finally:
        engine.dispose()


def _nothing_twice(session: Session) -> None:
    done = Counter((row.document, row.field) for row in session.exec(select(SigningRow)) if row.state == "done")
    assert all(count == 1 for count in done.values()), done
    challenges = session.exec(select(ChallengeRow).where(ChallengeRow.state == "answered"))
    agreed = Counter(row.document for row in challenges)
    assert agreed == Counter(row.document for row in session.exec(select(EvidenceRow)))
    assert all(count == 1 for count in agreed.values()), agreed


def completed(home: Path, report: dict[str, Any], *, codes_lost: int = 0) -> None:
    """Assert the end state of the practice branch. Run it while the stand-ins are served.

    `codes_lost` is how many codes may have been replaced because nobody could know whether they had left.
    """
    assert report["cmis"]["failed"] == 0, report
    [dossier] = report["dossiers"]
    assert dossier["state"] == "closed"
    assert {one["type"]: one["verdict"] for one in dossier["documents"]} == {
        "hop_dong_mua_ban_dien": "HOP_LE",
        "bien_ban_treo_thao": "HOP_LE",
    }
    assert len(dossier["documents"]) == 2
    assert all(one["consent"] is None or one["consent"]["matches"] for one in dossier["documents"])
    intact(home)
    engine = open_engine(settings.load(home).database_url)
    try:
        with Session(engine) as session:
            _signed_once(home, session, dossier)
            _told_once(home, session, dossier["code"], codes_lost)
            _nothing_lost(session)
    finally:
        engine.dispose()


def _signed_once(home: Path, session: Session, dossier: dict[str, Any]) -> None:
    log = read_log(home / "state/signer/softhsm")
    signed = Counter(line.request for line in log if line.result == "signed")
    rows = session.exec(select(SigningRow)).all()
    assert {row.state for row in rows} <= {"done", "failed"}
    told = [row.facts for row in session.exec(select(AuditTableRow).where(AuditTableRow.action == "sign"))]
    released = {facts["request"]: (facts["signed"], facts["result"]) for facts in told}
    for row in rows:
        if row.state == "done":
            # a signature that was released was made once
            assert signed[row.id] == 1, (row.id, log)
            [made] = [line.sha256_after for line in log if (line.request, line.result) == (row.id, "signed")]
            assert released[row.id] == (made, row.result_sha256)
    types = Registry.discover(frozenset()).documents()
    for one in dossier["documents"]:
        declared = types[one["type"]]
        wanted = [slot.field for slot in declared.slots if slot.purpose is not Purpose.CUSTOMER]
        assert [signature["field"] for signature in one["signatures"]] == wanted
        assert _signature_dictionaries(Path(one["path"])) == len(wanted)
        document = session.exec(
            select(DocumentRow).where(DocumentRow.type == one["type"], DocumentRow.state == "complete")
        ).one()
        assert document.sha256 == one["sha256"]
        assert [filled["field"] for filled in document.filled] == [slot.field for slot in declared.slots]
        done = [row.field for row in rows if row.document == document.id and row.state == "done"]
        assert sorted(done) == sorted(wanted)


def _signature_dictionaries(path: Path) -> int:
    said = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=True).stdout
    # poppler does not judge document time stamps
    signed = said.count("ETSI.CAdES.detached")
    assert said.count("Signature is Valid") == signed, said
    return signed


def _file(home: Path, sha256: str) -> bytes:
    return (home / "blobs" / sha256[:2] / sha256[2:]).read_bytes()


def _told_once(home: Path, session: Session, code: str, codes_lost: int) -> None:
    chosen = settings.load(home)
    cmis = httpx.get(f"{chosen.cmis.options['base_url']}/_practice/state", trust_env=False).json()
    documents = [
        _file(home, row.sha256) for row in session.exec(select(DocumentRow).where(DocumentRow.state == "complete"))
    ]
    uploads = [one for one in cmis["uploads"] if one["request"] == code]
    sent = [_file(home, one["sha256"]) for one in uploads]
    # archive data may have been appended since
    assert sorted(sum(document.startswith(one) for one in sent) for document in documents) == [1] * len(sent)
    assert [one["times"] for one in uploads] == [1] * len(documents)

    dossier = session.exec(select(DossierRow).where(DossierRow.code == code)).one()
    rows = [one for one in cmis["progress"] if one["request"] == code]
    posted = session.exec(select(OutgoingRow).where(OutgoingRow.kind == "cmis_progress")).all()
    steps = [one["MA_CVIEC"] for one in rows]
    assert len(steps) == len(set(steps)) == len(posted) == len(dossier.history) + 1
    in_order = sorted(posted, key=lambda row: int(row.body["sequence"]))
    assert steps == [row.body["step"] for row in in_order]

    inbox = httpx.get(f"{chosen.sms.options['url']}/inbox.json", trust_env=False).json()
    assert all(one["times"] == 1 for one in inbox), inbox
    texts = Counter(one["text"] for one in inbox)
    assert all(count == 1 for count in texts.values()), texts
    kinds = Counter(row.subject for row in session.exec(select(OutgoingRow)) if row.id in {one["id"] for one in inbox})
    agreed = len(session.exec(select(EvidenceRow)).all())
    assert kinds["completed"] == len(documents)
    assert agreed <= kinds["otp"] <= agreed + codes_lost, kinds
    assert set(kinds) == {"completed", "otp"}


def _nothing_lost(session: Session) -> None:
    [dossier] = session.exec(select(DossierRow).where(DossierRow.state == "closed"))
    drafts = session.exec(select(DraftRow).where(DraftRow.dossier == dossier.id)).all()
    assert not [draft for draft in drafts if draft.staff], "a saved form leaves no draft behind"
    waiting = [row for row in session.exec(select(OutgoingRow)) if row.state in ("waiting", "sending")]
    assert not waiting
