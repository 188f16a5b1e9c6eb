"""Which modules and which token a `quaydien token` command is about."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from console.main import home_of
from console.wiring import signer_settings
from kernel import settings
from kernel.errors import HomeMissing, SettingsInvalid
from kernel.settings import Settings
from kernel.tokens.administration import Administration
from kernel.tokens.errors import NoToken, TokenNotNamed
from kernel.tokens.modules import Vendor, vendor_of
from kernel.tokens.pins import PinFlags, TryCounter
from kernel.tokens.settings import SignerSettings
from kernel.tokens.shapes import TokenInfo


@dataclass(frozen=True, slots=True)
class Target:
    """A module a command works with. `id` is that of the settings, or the path."""

    id: str
    settings: SignerSettings

    @property
    def vendor(self) -> Vendor | None:
        """Whose module it is."""
        return vendor_of(self.settings.module)

    @property
    def vendor_name(self) -> str:
        """Its name, empty where nobody knows."""
        return self.vendor.name if self.vendor else ""

    def administration(self) -> Administration:
        """Return the administration of the module."""
        return Administration(
            self.settings.module, env=self.settings.env, log=self.settings.state_dir / "administration.log"
        )

    def counter(self) -> TryCounter:
        """Return the count of wrong PINs that the signer of this module keeps too."""
        self.settings.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        return TryCounter(self.settings.state_dir / "tries.json", self.settings.max_tries)

    def tries_left(self, token: TokenInfo) -> int | None:
        """Return the PIN tries left, by the token's flags and the count."""
        return self.counter().tries_left(token.serial, flags_of(token))

    def as_json(self, token: TokenInfo) -> dict[str, Any]:
        """Return a token of the module as other programs get it."""
        told = {**asdict(token), "tries_left": self.tries_left(token)}
        return {"module": self.id, "path": str(self.settings.module), "vendor": self.vendor_name, **told}


def flags_of(token: TokenInfo) -> PinFlags:
    """Return what the token says of its user PIN."""
    return PinFlags(token.pin_count_low, token.pin_final_try, token.pin_locked)


def chosen_settings(options: argparse.Namespace) -> Settings | None:
    """Return the settings of the installation; None where there is none and a module was named by its path.

    Raises HomeMissing, SettingsInvalid.
    """
    try:
        return settings.load(home_of(options))
    except HomeMissing:
        if _is_path(options.module):
            return None
        raise


def targets(options: argparse.Namespace) -> list[Target]:
    """Return the modules to work with: the one named, or all of the settings. Raises HomeMissing, SettingsInvalid."""
    chosen, named = chosen_settings(options), options.module
    known = [Target(one.id, signer_settings(chosen, one)) for one in chosen.signing.modules] if chosen else []
    if not named:
        return known
    found = [one for one in known if named == one.id or Path(named) == one.settings.module]
    if found:
        return found
    if not _is_path(named):
        detail = f"signing.modules: {named}? ({', '.join(one.id for one in known)})"
        raise SettingsInvalid(path=home_of(options) / settings.FILE_NAME, detail=detail)
    return [Target(named, SignerSettings(module=Path(named).absolute(), state_dir=_state_of(Path(named), chosen)))]


def the_module(options: argparse.Namespace) -> Target:
    """Return the module that was named, or the only one there is. Raises TokenNotNamed, NoToken."""
    found = targets(options)
    if len(found) > 1:
        raise TokenNotNamed(tokens=", ".join(f"--module {target.id}" for target in found))
    if not found:
        raise NoToken(module="quaydien.toml: signing.modules")
    return found[0]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The token a command is about, and the administration of its module, at work."""

    target: Target
    token: TokenInfo
    administration: Administration


@contextmanager
def the_token(options: argparse.Namespace) -> Iterator[Chosen]:
    """Give the token that was named, or the only one there is.

    Raises NoToken, TokenNotNamed, and what the modules raise.
    """
    with ExitStack() as opened:
        looked: list[Chosen] = []
        for target in targets(options):
            administration = opened.enter_context(target.administration())
            looked += [Chosen(target, token, administration) for token in administration.list_tokens()]
        found = [one for one in looked if options.serial in ("", one.token.serial)]
        if len(found) > 1:
            raise TokenNotNamed(tokens=", ".join(f"{one.token.label} ({one.token.serial})" for one in found))
        if not found:
            raise NoToken(module=options.serial or ", ".join(target.id for target in targets(options)))
        yield found[0]


def _is_path(named: str) -> bool:
    return "/" in named or "\\" in named


def _state_of(module: Path, chosen: Settings | None) -> Path:
    if chosen is not None:
        return chosen.state / "signer" / module.stem
    from platformdirs import user_state_path

    return user_state_path("quaydien", appauthor=False) / "signer" / module.stem
