"""Fixtures of the integration tests."""

from __future__ import annotations

from tests.practice import (
    branch,
    complete,
    complete_template,
    drawn,
    drawn_template,
    practice_template,
    shimmed,
    steady,
    with_trust,
)
from tests.remote_service import remote_service, running_service
from tests.tokens_fixtures import many, one, signer, start, state
from tests.trust_authority import trust_authority

__all__ = [
    "branch",
    "complete",
    "complete_template",
    "drawn",
    "drawn_template",
    "many",
    "one",
    "practice_template",
    "remote_service",
    "running_service",
    "shimmed",
    "signer",
    "start",
    "state",
    "steady",
    "trust_authority",
    "with_trust",
]
