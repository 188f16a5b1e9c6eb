"""What the branch does with a dossier, one verb a module: intake, fill, draw, ask for consent, sign, deliver."""

from __future__ import annotations
