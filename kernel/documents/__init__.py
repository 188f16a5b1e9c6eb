"""From a declaration and data to a PDF: drawing, the preview read back from its bytes, and visible stamps."""

from __future__ import annotations
