"""Run with `python -P -m console`: the same as the command `quaydien`."""

from __future__ import annotations

import sys

from console.main import main

sys.exit(main())
