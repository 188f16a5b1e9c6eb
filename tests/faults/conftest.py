"""Fixtures of the fault tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import branches
from tests.practice import drawn, drawn_template, practice_template, steady
from tests.remote_service import remote_service, running_service

__all__ = ["drawn", "drawn_template", "practice_template", "remote_service", "running_service", "steady"]


@pytest.fixture
def home(practice_template: Path, tmp_path: Path) -> Path:
    """A practice branch nobody has worked in, for processes of their own."""
    return branches.copy(practice_template, tmp_path / "branch")
