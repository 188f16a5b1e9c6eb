"""Time of one signature: the raw C_Sign, this signer, and other programs, all in one run on one SoftHSM key.

Every way signs the same field of the project's own contracts. They take turns, so that a busy machine slows all of
them alike; a row is the median over the rounds (`--rounds N`). Every file made is verified outside the time.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from argparse import ArgumentParser
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from benchmarks.report import Row, row, tell
from benchmarks.signing import levels, memory, ours, peers, raw_twice
from benchmarks.signing.contracts import FIELD, contracts
from benchmarks.signing.ways import make_token, session

if TYPE_CHECKING:
    from benchmarks.signing.contracts import Contract
    from benchmarks.signing.ways import Token, Way

ROUNDS = 4
OURS = (
    ours.RAW,
    raw_twice.RAW_TWO,
    ours.IN_PROCESS,
    ours.ONE,
    ours.ONE_BATCH,
    ours.TWO_BATCH,
    *map(levels.name, levels.LEVELS),
)
SYNC = "fsync of 4 KB on this disk"
_SYNCS = 100

Taken = dict[tuple[str, int], float]
"""Median milliseconds by way and pages."""


def measure(rounds: int = ROUNDS) -> tuple[list[Row], dict[str, float]]:
    """Return the rows of this benchmark, and megabytes of memory by what took them."""
    # a folder that lies on a disk: in memory nothing has to be written before a signature leaves
    disk = platformdirs.user_cache_path("quaydien", ensure_exists=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir=disk)))
        token = make_token(folder / "hsm")
        os.environ.update(token.hsm.env)
        drawn = contracts(folder)
        ways, starts = _ways(stack, token, folder, drawn[0])
        taken = _rounds(ways, drawn, token, rounds)
        rows = [one for contract in drawn for one in _rows(contract.pages, [way.name for way in ways], taken)]
        raw = taken[ours.RAW, drawn[0].pages]
        rows += [row(f"start: {what}", took, against=ours.RAW, reference=raw) for what, took in starts.items()]
        rows.append(row(SYNC, _sync(folder / "sync"), against=ours.RAW, reference=raw))
        took, megabytes = memory.of_scan(drawn[0].pdf, FIELD, folder)
        what = f"scan of {memory.SIZE // 1_000_000} MB where it lies, in process"
        rows.append(row(what, took, against=ours.RAW, reference=raw))
    return rows, {what: megabytes}


def _ways(stack: ExitStack, token: Token, folder: Path, warm: Contract) -> tuple[list[Way], dict[str, float]]:
    """Start all ways; also return how long a start took, for those that are started once for many signatures."""
    opened = stack.enter_context(session(token, folder / "session"))
    found = [ours.raw(opened), stack.enter_context(raw_twice.raw_twice(token, folder / "raw"))]
    found.append(ours.in_process(opened, token))
    begun = time.perf_counter()
    one = stack.enter_context(ours.processes(token, folder / "one", 1))
    starts = {ours.ONE: (time.perf_counter() - begun) * 1000}
    two = stack.enter_context(ours.processes(token, folder / "two", 2))
    found += [ours.single(one, token), ours.batch(ours.ONE_BATCH, one, token), ours.batch(ours.TWO_BATCH, two, token)]
    found += [levels.raised(level) for level in levels.LEVELS]
    found += [peers.library(opened), peers.command(token, folder)]
    podofo = peers.podofo(token, folder)
    if podofo is not None:
        found.append(podofo)
    if peers.has_pdfbox():
        way, starts[peers.PDFBOX] = stack.enter_context(peers.pdfbox(token, folder / "pdfbox", warm))
        found.append(way)
    return found, starts


def _rounds(ways: list[Way], drawn: tuple[Contract, ...], token: Token, rounds: int) -> Taken:
    times: dict[tuple[str, int], list[float]] = {}
    for number in range(rounds + 1):
        for contract, way in product(drawn, ways):
            made = way.sign(contract, way.count)
            made_all = way.name in (ours.RAW, raw_twice.RAW_TWO) or len(made.files) == way.count
            if not made_all or not all(way.accepts(token, file) for file in made.files):
                raise RuntimeError(f"{way.name}: the signature does not verify")
            if number:  # in the first round everything is imported and built
                times.setdefault((way.name, contract.pages), []).append(statistics.median(made.each))
        print(f"{number}/{rounds}", file=sys.stderr)
    return {key: statistics.median(found) for key, found in times.items()}


def _rows(pages: int, ways: list[str], taken: Taken) -> list[Row]:
    """Return this signer's rows against the raw C_Sign, the others' against this signer's process."""
    found = []
    for what in ways:
        against = ours.RAW if what in OURS else ours.ONE
        found.append(
            row(f"{pages} pages: {what}", taken[what, pages], against=against, reference=taken[against, pages])
        )
    # what two processes are to one: of this signer, and of the bare C_Sign, which is what the machine allows
    for what, by_one, by_two in (
        ("a batch", ours.ONE_BATCH, ours.TWO_BATCH),
        (ours.RAW, ours.RAW, raw_twice.RAW_TWO),
    ):
        one, two = taken[by_one, pages], taken[by_two, pages]
        found.append(row(f"{pages} pages: {what}, one process against two", one, against=by_two, reference=two))
    return found


def _sync(path: Path) -> float:
    """Return the milliseconds until 4 KB more are on the disk."""
    each = []
    with path.open("wb", buffering=0) as file:
        for _ in range(_SYNCS):
            begun = time.perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            each.append((time.perf_counter() - begun) * 1000)
    return statistics.median(each)


if __name__ == "__main__":
    options = ArgumentParser()
    options.add_argument("--json", action="store_true")
    options.add_argument("--rounds", type=int, default=ROUNDS)
    found, megabytes = measure(options.parse_args().rounds)
    tell("sign", found, memory=megabytes)
