"""A signer process that dies, or kills the console, at the boundary named in BOUNDARY, at the first signature."""

from __future__ import annotations

import os
import sys

from kernel.tokens import signer
from tests.faults import boundaries

if __name__ == "__main__":
    boundaries.arm(boundaries.SIGNER[os.environ["BOUNDARY"]])
    status = signer.main()
    sys.stderr.flush()
    os._exit(status)
