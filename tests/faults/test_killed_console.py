"""The console, or the signer it started, is killed at every boundary on a dossier's way; the next start goes on."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.faults import boundaries, branches

FILLING = (
    "request taken in",
    "draft saved",
    "form not saved",
    "form saved",
    "step not committed",
    "step committed",
    "number given",
    "file half written",
    "drawn, row not committed",
    "drawn",
)
AGREEING = (
    "code committed, not sent",
    "code sent, receipt not noted",
    "code sent",
    "answer checked, not committed",
    "answer checked",
)
SIGNING = (
    "signature not asked",
    "signature asked",
    "signed, not released",
    "time-stamped, not released",
    "checked, not committed",
    "released",
)
SIGNER = tuple(boundaries.SIGNER)
REFUSED = 1
"""The clerk is told that the signer died."""


def expected(name: str) -> int:
    if name in boundaries.CONSOLE or boundaries.SIGNER[name].parent:
        return -signal.SIGKILL
    return 0 if name == "result kept, not answered" else REFUSED


@pytest.mark.timeout(900)
@pytest.mark.parametrize("way", [FILLING, AGREEING, SIGNING, SIGNER], ids=["filling", "agreeing", "signing", "signer"])
def test_the_next_start_goes_on(home: Path, way: tuple[str, ...]) -> None:
    with branches.served(home):
        for name in way:
            process = branches.start(home, "tests.faults.doomed_console", str(home), name)
            status = process.wait(branches.PATIENCE)
            assert status == expected(name), f"{name}: {status}\n{branches.said(home)}"
            branches.intact(home)
        branches.completed(home, branches.finish(home))
