"""Widgets of the console: the frame of every screen, fields, paged tables."""

from __future__ import annotations
