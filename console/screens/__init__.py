"""What the clerk sees, one module a screen."""

from __future__ import annotations
