"""Files just signed are read beside this process, and here where nobody is beside."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from kernel.casework import gatekeeper
from kernel.casework.gatekeeper import Gatekeepers
from tests.pki import agreed, contract, sign

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_process_that_is_gone_is_replaced_and_no_file_passes_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    signer = contract().signatory
    good = sign(agreed(), "ben_ban", signer)
    bad = good.replace(b"/Reason", b"/Rubbish", 1)
    with Gatekeepers(contract().trust, tmp_path / "gate.log", gatekeeper.FEW + 1) as beside:
        for _ in range(2):
            passed, refused = (beside.check(pdf, "ben_ban", signer.certificate) for pdf in (good, bad))
            assert passed() is None
            why = refused()
            assert why is not None and why.vi and why.en
            child = beside._free.get()
            assert child is not None
            os.kill(child.pid, signal.SIGKILL)
            beside._free.put(child)
        assert beside.check(bad, "ben_ban", signer.certificate)() is not None
    with Gatekeepers(contract().trust, tmp_path / "gate.log", 1) as here:
        assert here.check(good, "ben_ban", signer.certificate)() is None
        assert here.check(bad, "ben_ban", signer.certificate)() is not None
        assert here.check(good, "con_dau", signer.certificate)() is not None
