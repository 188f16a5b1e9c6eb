"""A stateful stand-in for CMIS that speaks its shapes over HTTP, for practice branches and tests."""

from __future__ import annotations

from adapters.cmis.simulator.app import run_simulator, simulator

__all__ = ["run_simulator", "simulator"]
