"""What plugins and adapters may see: declarations, ports, results, errors. Standard library only."""

from __future__ import annotations

API_VERSION = 1
