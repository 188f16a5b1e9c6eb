"""What one signer process is told at its start."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

Digest = Literal["auto", "sha256", "sha384", "sha512"]


@dataclass(frozen=True, slots=True)
class SignerSettings:
    """One PKCS#11 module and the rules at it.

    `state_dir` is private to this module's signer: journal, log, counter of wrong PINs. `max_tries` is how many wrong
    PINs lock the token where it does not tell by itself; the last of them is never spent. After `idle_seconds` without
    work an unlocked token is locked. RSA signs RSASSA-PSS where the token can and PKCS#1 v1.5 where it can't
    (`prefer_pss`), or nothing but PSS (`require_pss`). `digest` of `auto` is SHA-256, for P-384 SHA-384. `env` is added
    to the environment of the process (`SOFTHSM2_CONF`): no secrets.
    """

    module: Path
    state_dir: Path
    max_tries: int = 3
    idle_seconds: int = 120
    prefer_pss: bool = True
    require_pss: bool = False
    digest: Digest = "auto"
    env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def arguments(self) -> list[str]:
        """Return the command-line arguments of `python -P -m kernel.tokens.signer`."""
        return [
            "--module", str(self.module),
            "--state", str(self.state_dir),
            "--max-tries", str(self.max_tries),
            "--idle", str(self.idle_seconds),
            *(["--prefer-pss"] if self.prefer_pss else []),
            *(["--require-pss"] if self.require_pss else []),
            "--digest", self.digest,
        ]  # fmt: skip


def from_arguments(arguments: list[str]) -> SignerSettings:
    """Return the settings that `SignerSettings.arguments` wrote; `env` is already in the process."""
    import argparse

    parser = argparse.ArgumentParser(prog="python -P -m kernel.tokens.signer")
    parser.add_argument("--module", type=Path, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--max-tries", type=int, default=3)
    parser.add_argument("--idle", type=int, default=120)
    parser.add_argument("--prefer-pss", action="store_true")
    parser.add_argument("--require-pss", action="store_true")
    parser.add_argument("--digest", choices=get_args(Digest), default="auto")
    given = parser.parse_args(arguments)
    return SignerSettings(
        module=given.module,
        state_dir=given.state,
        max_tries=given.max_tries,
        idle_seconds=given.idle,
        prefer_pss=given.prefer_pss,
        require_pss=given.require_pss,
        digest=given.digest,
    )
