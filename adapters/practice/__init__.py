"""What the practice branch's stand-ins for outside systems share: serving on loopback and failing on demand."""

from __future__ import annotations
