"""Time of one document in a batch on a practice branch: real token, database, files, both readings before release.

The same contract, agreed to by its customer, lies there as many documents (`--documents N`). Some are signed one after
the other with a PIN each, as at the counter; the rest in one batch, and once more with the files read again in this
process. The rows below tell where the batch's time goes: what this process waits for, part by part.

With `--authority SECONDS` the practice time-stamp authority, a process of its own, answers so much later than it could,
and both ways are measured once more with the time stamp inside each signature.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from uuid import uuid4

import platformdirs

from benchmarks.report import Row, row, tell
from console.practice.branch import CA, practice_folder, prepare
from console.practice.people import PIN
from kernel import settings
from kernel.casework import batches, gatekeeper, sections, signing
from kernel.casework.office import branch_trust
from kernel.storage import documents
from kernel.trust_services.connect import connect
from tests.practice import Branch, Clock, at_work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kernel.settings import TrustServiceSettings

DOCUMENTS = 200
SINGLE = "one document after the other, a PIN each"
BATCH = "a batch"
HERE = "a batch, files read again in this process"
FIELD = "ben_ban"
PARTS = {
    "_asked": "turn, certificate, stamp, what is asked written down",
    "_release": "released: row, audit, order of the next",
    "settle": "the signer's copy let go",
}
_SINGLES = 20
_SLOW = """
import asyncio, sys, uvicorn
from pathlib import Path
from console.practice.trust_services import trust_services
app = trust_services(Path(sys.argv[1]))
async def slow(scope, receive, send):
    await asyncio.sleep(float(sys.argv[3]))
    await app(scope, receive, send)
uvicorn.run(slow, host="127.0.0.1", port=int(sys.argv[2]), log_level="error", lifespan="off")
"""


def measure(count: int, authority: float | None = None) -> list[Row]:
    """Return the rows of this benchmark; `authority` is how many seconds a time-stamp authority takes to answer."""
    disk = platformdirs.user_cache_path("quaydien", ensure_exists=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=disk) as folder:
        home = Path(folder) / "home"
        prepare(home, lambda _: None)
        chosen = settings.load(home).trust_services  # `at_work` takes it out
        stamped: dict[str, float] = {}
        with at_work(home, Clock()) as branch:
            drawn = branch.draw()
            branch.case_id = drawn.dossier
            agreed = branch.agree(drawn)
            single = _single(branch, _copies(branch, agreed, _SINGLES))
            parts: dict[str, float] = {}
            with _watched(branch, parts):
                batch, processor = _batch(branch, _copies(branch, agreed, count))
            with patch.object(gatekeeper, "FEW", count):
                here, _ = _batch(branch, _copies(branch, agreed, max(count // 5, 1)))
            if authority is not None and chosen is not None:
                with _authority(branch, chosen, authority):
                    stamped[f"{SINGLE}, time-stamped"] = _single(branch, _copies(branch, agreed, _SINGLES))
                    clocked, used = _batch(branch, _copies(branch, agreed, count))
                stamped |= {
                    f"{BATCH}, time-stamped": clocked,
                    f"{BATCH}, time-stamped: processor of this process": used,
                }
    taken = {
        SINGLE: single,
        BATCH: batch,
        HERE: here,
        "a batch: processor of this process": processor,
        **{f"a batch: {what}": milliseconds / count for what, milliseconds in parts.items()},
        **stamped,
    }
    return [row(what, milliseconds, against=SINGLE, reference=single) for what, milliseconds in taken.items()]


def _copies(branch: Branch, agreed: Any, count: int) -> list[str]:
    ids = [uuid4().hex for _ in range(count)]
    with branch.office.work() as work:
        for number, one in enumerate(ids, 1):
            documents.put(work.session, replace(agreed, id=one, number=f"HĐ-{number:05}"))
        work.commit()
    return ids


def _single(branch: Branch, ids: list[str]) -> float:
    certificate = branch.certificate(branch.document(branch.case_id)).certificate.sha256
    actor = branch.named("duc")
    signing.sign(branch.office, actor, ids[0], FIELD, certificate, PIN)  # everything is imported from here on
    begun = time.perf_counter()
    for one in ids[1:]:
        signing.sign(branch.office, actor, one, FIELD, certificate, PIN)
    return (time.perf_counter() - begun) * 1000 / (len(ids) - 1)


def _batch(branch: Branch, ids: list[str]) -> tuple[float, float]:
    """Return milliseconds by the clock and of this process's processor time, for each document."""
    certificate = branch.certificate(branch.document(branch.case_id)).certificate.sha256
    actor = branch.named("duc")
    opened = batches.open_batch(branch.office, actor, certificate, [(one, FIELD) for one in ids])
    begun, used = time.perf_counter(), time.process_time()
    done = batches.run(branch.office, actor, opened.id, PIN)
    taken, used = time.perf_counter() - begun, time.process_time() - used
    if done.done != len(ids):
        raise RuntimeError(f"signed {done.done} of {len(ids)}")
    return taken * 1000 / len(ids), used * 1000 / len(ids)


@contextmanager
def _authority(branch: Branch, chosen: TrustServiceSettings, seconds: float) -> Iterator[None]:
    """Give the branch a time-stamp authority that takes so many seconds longer than it could."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [sys.executable, "-c", _SLOW, str(practice_folder(branch.home) / CA), str(port), str(seconds)]
    process = subprocess.Popen(words)
    try:
        only = chosen.time_stamp[0].model_copy(update={"url": f"http://127.0.0.1:{port}/tsa"})
        asked = chosen.model_copy(update={"time_stamp": (only,)})
        changed = branch.office.settings.model_copy(update={"trust_services": asked})
        services = connect(changed, lambda: branch_trust(changed))
        if services is None or services.time_stamper is None:
            raise RuntimeError("no authority")
        while services.time_stamper.examine()[0].problem is not None:
            if process.poll() is not None:
                raise RuntimeError("the authority did not start")
            time.sleep(0.5)
        before, branch.office = branch.office, replace(branch.office, trust_services=services)
        yield
        branch.office = before
        services.close()
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _watched(branch: Branch, parts: dict[str, float]) -> Iterator[None]:
    """Add up the milliseconds of the parts of a batch."""

    def timed(what: str, work: Any) -> Any:
        def call(*arguments: Any) -> Any:
            begun = time.perf_counter()
            try:
                return work(*arguments)
            finally:
                parts[what] = parts.get(what, 0.0) + (time.perf_counter() - begun) * 1000

        return call

    def watched_check(self: Any, *arguments: Any) -> Any:
        return timed("waiting for the second reading", check(self, *arguments))

    check = gatekeeper.Gatekeepers.check
    signer = next(iter(branch.office.signers.values()))
    with (
        patch.multiple(sections, **{name: timed(what, getattr(sections, name)) for name, what in PARTS.items()}),
        patch.object(type(signer), "sign_all", timed("the signer", type(signer).sign_all)),
        patch.object(gatekeeper.Gatekeepers, "check", watched_check),
        patch.object(type(branch.office.blobs), "put", timed("file kept", type(branch.office.blobs).put)),
        patch.object(batches, "look", timed("told where it stands", batches.look)),
    ):
        yield


if __name__ == "__main__":
    options = ArgumentParser()
    options.add_argument("--json", action="store_true")
    options.add_argument("--documents", type=int, default=DOCUMENTS)
    options.add_argument("--authority", type=float)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    given = options.parse_args()
    tell("batch", measure(given.documents, given.authority))
