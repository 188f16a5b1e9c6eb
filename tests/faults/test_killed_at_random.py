"""All processes of a branch, or one of them, are killed at moments nobody chose. QUAYDIEN_KILLS sets how many kills."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

import pytest

from tests.faults import branches

KILLS = int(os.environ.get("QUAYDIEN_KILLS", "6"))
KILLS_A_BRANCH = 3
EVERYTHING, CONSOLE, WORKER, SIGNER, OUTSIDE = "", " demo --headless", " worker ", "kernel.tokens.signer", " --serve "


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(-(-KILLS // KILLS_A_BRANCH)))
def test_a_branch_goes_on_after_any_kill(home: Path, seed: int) -> None:
    chance = random.Random(seed)
    try:
        for _ in range(KILLS_A_BRANCH):
            _work_and_die(home, chance)
            branches.intact(home)
        report = branches.finish(home)
        with branches.served(home):
            branches.completed(home, report, codes_lost=KILLS_A_BRANCH)
    finally:
        branches.kill(home)


def _work_and_die(home: Path, chance: random.Random) -> None:
    """Start the product and kill after some lines of its narration and a moment."""
    lines, moment = chance.randint(0, 9), chance.uniform(0, 1.5)
    victim = chance.choice((EVERYTHING, EVERYTHING, CONSOLE, WORKER, SIGNER, OUTSIDE))
    process = branches.start(home, "console", "demo", "--headless", "--home", str(home), errors=subprocess.PIPE)
    assert process.stderr is not None
    for _ in range(lines):
        process.stderr.readline()
    _let_run(process, moment)
    branches.kill(home, victim)
    if victim != CONSOLE:
        # the others go on without the one that died, until all die
        _let_run(process, moment)
        branches.kill(home)
    process.communicate(timeout=branches.PATIENCE)


def _let_run(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return
