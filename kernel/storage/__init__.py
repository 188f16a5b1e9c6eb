"""What is kept: tables, the unit of work, content-addressed files, migrations."""

from __future__ import annotations
