"""The life of a request: steps, roles, papers, deadlines, obstacles, order of signing. Pure rules, no I/O."""

from __future__ import annotations
