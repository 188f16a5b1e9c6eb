"""The counter's terminal program and command line. Nobody imports it."""

from __future__ import annotations
