"""How much memory the signature of a large scan takes: `python -P -m benchmarks.signing.memory FILE FIELD`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

SIZE = 200_000_000


def of_scan(pdf: bytes, field: str, folder: Path) -> tuple[float, float]:
    """Return the milliseconds and the megabytes that signing a scan of `SIZE` bytes takes, in a process of its own."""
    from tests.scans import write_scan

    scan = folder / "bản quét.pdf"
    write_scan(scan, pdf, SIZE)
    try:
        line = [sys.executable, "-P", "-m", __spec__.name, str(scan), field]
        milliseconds, megabytes = json.loads(subprocess.run(line, check=True, capture_output=True).stdout)
    finally:
        scan.unlink()
    return float(milliseconds), float(megabytes)


def _kilobytes(what: str) -> int:
    found = re.search(rf"{what}:\s+(\d+)", Path("/proc/self/status").read_text("utf-8"))
    assert found is not None  # noqa: S101  # Linux writes it there
    return int(found.group(1))


def _measure(scan: Path, field: str) -> None:
    from kernel.signing.sign import sign_field
    from tests.pki import NOW, agreed, contract, sign

    signer = contract().signatory
    sign(agreed(), "ben_ban", signer)  # everything is imported and built from here on
    Path("/proc/self/clear_refs").write_text("5", "utf-8")  # VmHWM begins anew
    before, begun = _kilobytes("VmRSS"), time.perf_counter()
    sign_field(scan, field=field, signer=signer, at=NOW, appearance=None, name="", reason="", location="")
    taken = (time.perf_counter() - begun) * 1000
    print(json.dumps([taken, (_kilobytes("VmHWM") - before) / 1000]))


if __name__ == "__main__":
    _measure(Path(sys.argv[1]), sys.argv[2])
