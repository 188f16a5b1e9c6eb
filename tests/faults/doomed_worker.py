"""A worker that dies at BOUNDARY: `python -m tests.faults.doomed_worker HOME BOUNDARY`."""

from __future__ import annotations

import sys

from console.main import main
from tests.faults import boundaries

if __name__ == "__main__":
    boundaries.arm(boundaries.WORKER[sys.argv[2]])
    sys.exit(main(["worker", "--home", sys.argv[1]]))
