"""Tokens and certificates in the shapes of the screens."""

from __future__ import annotations

from collections.abc import Sequence

from console.desk import Certificate, TokenPresence, TokenState
from kernel.api.text import Text
from kernel.casework.certificates import Candidate
from kernel.tokens.shapes import TokenInfo
from kernel.tokens.watch_client import ModuleSnapshot


def states(snapshot: Sequence[ModuleSnapshot]) -> list[TokenState]:
    """Return every token seen, and a broken module as one line of its own; nothing while modules are starting."""
    if any(module.state == "starting" for module in snapshot):
        return []
    found: list[TokenState] = []
    for module in snapshot:
        if module.state in ("module_missing", "module_unusable", "not_responding"):
            found.append(TokenState("", module.module.name, "module_missing", None, ""))
        found += [
            TokenState(token.serial, token.label, _presence(token), token.tries_left, token.label)
            for token in module.tokens
        ]
    return found or [TokenState("", "", "absent", None, "")]


def _presence(token: TokenInfo) -> TokenPresence:
    if token.pin_locked:
        return "locked"
    if token.pin_final_try:
        return "final_try"
    return "unlocked" if token.unlocked else "present"


def certificate(candidate: Candidate) -> Certificate:
    """Return a certificate as the signing screen lists it, its problem in both languages."""
    problem = candidate.problem
    return Certificate(
        id=candidate.certificate.sha256,
        subject=candidate.info.name,
        identity=candidate.info.uid,
        issuer=candidate.info.issuer,
        valid_from=candidate.info.since,
        valid_to=candidate.info.until,
        token=candidate.certificate.token_label,
        problem=Text(problem.diagnosis("vi").cause, problem.diagnosis("en").cause) if problem else None,
        needs_pin=candidate.needs_pin,
    )
