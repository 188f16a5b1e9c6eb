"""Fixtures of the integration tests."""

from __future__ import annotations

from tests.practice import branch, drawn, drawn_template, practice_template, shimmed, steady

__all__ = ["branch", "drawn", "drawn_template", "practice_template", "shimmed", "steady"]
