"""Where the tests run as an ordinary user, those that need root's services run here, through sudo."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.skipif(os.geteuid() == 0, reason="root runs these files by themselves")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("file", ["test_open_cryptoki.py", "test_smart_card.py"])
def test_devices_behind_a_service(file: str) -> None:
    pytest_of_ours = [sys.executable, "-B", "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider"]
    command = ["sudo", "-n", "env", "PYTHONDONTWRITEBYTECODE=1", *pytest_of_ours, str(HERE / file)]
    ran = subprocess.run(command, cwd=HERE.parents[1], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "passed" in ran.stdout
