"""Adapters to the systems around the counter."""

from __future__ import annotations
