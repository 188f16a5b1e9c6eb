"""Fixtures of the integration tests."""

from __future__ import annotations

from tests.practice import branch, practice_template, steady

__all__ = ["branch", "practice_template", "steady"]
