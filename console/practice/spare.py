"""SoftHSM writes a token's file anew at every login and is not safe against a kill in between: a spare mends it.

A real token keeps this inside itself. Keys and certificates lie in files of their own, which a login leaves alone.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from console.practice.branch import practice_folder

TOKEN_FILE = "token.object"  # noqa: S105  # a file name


def keep_spares(home: Path) -> None:
    """Copy the token files of a practice branch once, and put the copy back where a token's file was left empty."""
    folder = practice_folder(home) / "softhsm"
    spares = folder / "spare"
    if not spares.is_dir():
        fresh = folder / "spare.new"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(folder / "tokens", fresh)
        fresh.rename(spares)
        return
    for spare in spares.glob(f"*/{TOKEN_FILE}"):
        present = folder / "tokens" / spare.parent.name / TOKEN_FILE
        # a folder that is not there is a token that was pulled out
        if present.parent.is_dir() and not (present.is_file() and present.stat().st_size):
            whole = present.with_suffix(".new")
            shutil.copyfile(spare, whole)
            whole.replace(present)
