"""Works the practice branch in HOME and dies at BOUNDARY: `python -m tests.faults.doomed_console HOME BOUNDARY`.

There is no worker beside it: what it posts waits.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from console.practice import headless
from kernel.casework import filling
from kernel.casework.office import Actor, Office
from kernel.dossier.records import Dossier
from kernel.tokens import client
from kernel.tokens.process import Child
from tests.faults import boundaries

ROOT = Path(__file__).resolve().parents[2]
DRAFT = "Gõ dở: nhà Ánh Tuyết, đường Ỷ Lan"


def _with_draft(save: Any) -> Any:
    """Keep a draft before the form is saved, as the screen does."""

    def call(office: Office, actor: Actor, dossier: str, version: int, typed: Mapping[str, str]) -> Dossier:
        filling.save_draft(office, actor, dossier, {"noi_cap_giay_to": DRAFT})
        return save(office, actor, dossier, version, typed)  # type: ignore[no-any-return]  # the product's function

    return call


def _doomed_signer(boundary: str) -> Any:
    def start(module: str, arguments: Any, env: Mapping[str, str], log: Path) -> Child:
        assert module == "kernel.tokens.signer"
        return Child(
            "tests.faults.doomed_signer", arguments, {**env, "PYTHONPATH": str(ROOT), "BOUNDARY": boundary}, log
        )

    return start


def main() -> None:
    home, name = Path(sys.argv[1]), sys.argv[2]
    # nobody delivers beside this console, and it does not wait for it
    setattr(headless, "companion", lambda *_, **__: nullcontext())  # noqa: B010  # replaced for this process
    setattr(headless, "_wait_for_deliveries", lambda _: None)  # noqa: B010  # as above
    if name == "draft saved":
        setattr(filling, "save", _with_draft(filling.save))  # noqa: B010  # as above
    if name in boundaries.CONSOLE:
        boundaries.arm(boundaries.CONSOLE[name])
    elif name in boundaries.SIGNER:
        setattr(client, "Child", _doomed_signer(name))  # noqa: B010  # as above
    headless.work_through(home, lambda text: print(text, file=sys.stderr), time.monotonic())


if __name__ == "__main__":
    main()
