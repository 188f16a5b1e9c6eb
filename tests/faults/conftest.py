"""One practice branch for all fault tests of a process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import branches


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return branches.make(tmp_path_factory.mktemp("practice"))


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return branches.copy(made, tmp_path / "branch")
