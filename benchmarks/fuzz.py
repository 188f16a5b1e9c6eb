"""Damaged PDF files against the verifier: each gets a report in time, and none is called valid that was changed.

    ./run bench fuzz [--json] [--cases N] [--seed S] [--corpus DIR] [--keep DIR]

The corpus (`DIR/pades/*.pdf`, also QUAYDIEN_CORPUS) and files made here are damaged by `tests/pdf_mutations.py` in two
processes. What goes wrong is told on stderr and kept in DIR; the exit code is 1 then.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.report import Row, row, tell
from kernel.api.errors import QuayDienError
from kernel.signing.consent_check import check_consent
from kernel.signing.report import Verdict
from kernel.signing.trust import Trust, load_trust
from kernel.signing.verify import time_allowed, verify
from tests.pdf_mutations import mutated, unchanged

CASES = 20_000
PROCESSES = 2
CHUNK = 100
MARGIN = 3.0
"""Seconds beyond the deadline that starting and stopping may take on a busy machine."""
PATIENCE = 5.0
"""What `verify` itself grants by the clock when it did not get the processor."""
CORPUS = Path(__file__).parents[1].parent / "shared" / "corpus"


@dataclass(frozen=True, slots=True)
class Source:
    """A file to damage. `own` ones are signed by the practice root of this run."""

    name: str
    pdf: bytes
    own: bool


@dataclass(frozen=True, slots=True)
class Case:
    """One damaged file and what came of it; `problem` is empty when all is well."""

    number: int
    source: str
    own: bool
    kinds: str
    milliseconds: float
    problem: str


def own_files() -> dict[str, bytes]:
    """Return files signed here, and the PEM they are judged by under `trust.pem`."""
    from tests.pki import agreed, contract, prepared, sign

    done = contract()
    return {
        "trust.pem": done.pki.trust_pem(),
        "agreed.pdf": agreed(),
        "prepared.pdf": prepared(),
        "once.pdf": sign(agreed(), "ben_ban", done.signatory),
        "contract.pdf": done.pdf,
    }


@cache
def sources(folder: str, corpus: str) -> tuple[tuple[Source, ...], Trust]:
    """Return the files to damage, read once in each process."""
    own = [Source(path.name, path.read_bytes(), True) for path in sorted(Path(folder).glob("*.pdf"))]
    other = [Source(path.name, path.read_bytes(), False) for path in sorted((Path(corpus) / "pades").glob("*.pdf"))]
    return (*own, *other), load_trust([Path(folder) / "trust.pem"])


def damaged(number: int, seed: int, files: tuple[Source, ...]) -> tuple[Source, str, bytes]:
    """Return the case of that number: the same for the same seed and files."""
    dice = random.Random(f"{seed}:{number}")
    own = [one for one in files if one.own]
    # every second case is of a file that could be called valid
    source = dice.choice(own if number % 2 else files)
    small = [one.pdf for one in files if len(one.pdf) < 300_000]
    kinds, pdf = mutated(source.pdf, dice, small)
    return source, kinds, pdf


def run(numbers: range, seed: int, folder: str, corpus: str, keep: str) -> list[Case]:
    """Verify the cases of a chunk."""
    files, trust = sources(folder, corpus)
    originals = [one.pdf for one in files]
    done = []
    for number in numbers:
        source, kinds, pdf = damaged(number, seed, files)
        begun = time.perf_counter()
        problem = judged(pdf, trust, originals)
        taken = time.perf_counter() - begun
        allowed = time_allowed(len(pdf), fetching=False) * PATIENCE + MARGIN
        problem = problem or (f"{taken:.1f} s, {allowed:.1f} s allowed" if taken > allowed else "")
        if problem and keep:
            Path(keep, f"{number}-{source.name}").write_bytes(pdf)
        done.append(Case(number, source.name, source.own, kinds, taken * 1000, problem))
    return done


def judged(pdf: bytes, trust: Trust, originals: list[bytes]) -> str:
    """Return what is wrong with the answer to a damaged file, nothing if it is right."""
    try:
        report = verify(pdf, trust)
        if report.verdict is Verdict.VALID and not unchanged(pdf, originals):
            return "called valid"
        if report.verdict is not Verdict.VALID and not report.reasons:
            return "no reason"
        report.as_json("a.pdf", "vi")
    except BaseException as problem:  # noqa: BLE001  # whatever leaves the verifier is what is looked for
        return f"verify: {type(problem).__name__}: {problem}"
    try:
        check_consent(pdf)
    except QuayDienError:
        return ""
    except Exception as problem:  # noqa: BLE001  # as above
        return f"check_consent: {type(problem).__name__}: {problem}"
    return ""


def cases(count: int, seed: int, folder: str, corpus: str, keep: str) -> list[Case]:
    """Return all cases; a process that dies is a case of its own."""
    done: list[Case] = []
    with ProcessPoolExecutor(PROCESSES) as pool:
        chunks = [range(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]
        waiting = [(chunk, pool.submit(run, chunk, seed, folder, corpus, keep)) for chunk in chunks]
        for chunk, one in waiting:
            try:
                done += one.result()
            except BrokenProcessPool as problem:
                done.append(Case(chunk.start, "", False, "", 0.0, f"process died in {chunk}: {problem}"))
                break
            print(f"\r{len(done)}/{count}", end="", file=sys.stderr)
    print(file=sys.stderr)
    return done


def rows(done: list[Case], folder: str, corpus: str) -> list[Row]:
    """Return the times of damaged files beside those of the same files unharmed, and how many had a problem."""
    files, trust = sources(folder, corpus)
    found = []
    for own, name in ((True, "own files"), (False, "corpus")):
        whole = [one.pdf for one in files if one.own is own]
        mine = [one for one in done if one.own is own]
        if not whole or not mine:
            continue
        unharmed = statistics.median(_milliseconds(pdf, trust) for pdf in whole)
        wrong = sum(bool(one.problem) for one in mine)
        what = f"{name}, damaged: {len(mine)} cases, {wrong} problems"
        against = f"{name}, unharmed"
        middle = statistics.median(one.milliseconds for one in mine)
        found += [row(what, middle, against=against, reference=unharmed)]
        found += [row(against, unharmed, against=against, reference=unharmed)]
    return found


def _milliseconds(pdf: bytes, trust: Trust) -> float:
    begun = time.perf_counter()
    verify(pdf, trust)
    return (time.perf_counter() - begun) * 1000


def main() -> int:
    """Run the benchmark; 1 when something was found."""
    import tempfile

    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--corpus", default=os.environ.get("QUAYDIEN_CORPUS", str(CORPUS)))
    parser.add_argument("--keep", default="")
    options = parser.parse_args()
    if options.keep:
        Path(options.keep).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, data in own_files().items():
            Path(folder, name).write_bytes(data)
        done = cases(options.cases, options.seed, folder, options.corpus, options.keep)
        tell("fuzz", rows(done, folder, options.corpus))
    wrong = [one for one in done if one.problem]
    for one in wrong:
        print(f"{one.number} {one.source} {one.kinds}: {one.problem}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
