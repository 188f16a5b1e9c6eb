"""The practice branch: everything a counter needs, made on this machine, nothing of it real."""

from __future__ import annotations
