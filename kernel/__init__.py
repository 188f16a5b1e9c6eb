"""The small core: what a dossier is, how its documents are drawn, signed, kept and proved."""

from __future__ import annotations
