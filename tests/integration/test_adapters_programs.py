"""The stand-ins as programs of their own, and what importing an adapter costs."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

PROGRAMS = {
    "adapters.cmis.simulator": ("run_simulator", "/_practice/state"),
    "adapters.sms.inbox": ("run_inbox", "/inbox.json"),
}


@pytest.mark.parametrize("module", PROGRAMS)
def test_the_real_port_stands_in_the_file_once_it_answers(module: str, tmp_path: Path) -> None:
    function, page = PROGRAMS[module]
    port_file = tmp_path / "port"
    code = (
        f"from pathlib import Path; from {module} import {function} as run;"
        f"run(Path({str(tmp_path / 'state.db')!r}), '127.0.0.1', 0, Path({str(port_file)!r}))"
    )
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        try:
            # a file that appears tells nobody: it can only be looked for
            while not port_file.exists():
                assert process.poll() is None
                time.sleep(0.02)
            port = int(port_file.read_text())
            assert httpx.get(f"http://127.0.0.1:{port}{page}", trust_env=False).status_code == 200
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait() == -signal.SIGTERM


def test_declaring_an_adapter_loads_nothing_heavy() -> None:
    code = (
        "import sys, adapters.cmis, adapters.sms;"
        "print([name for name in ('httpx', 'jinja2', 'starlette', 'uvicorn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
