"""`quaydien plugin list`: services, documents and adapters, with the state of each."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

from console.commands import Exit
from console.main import home_of, print_json
from kernel import settings
from kernel.errors import HomeMissing
from kernel.registry import Plugin, Registry


@dataclass(frozen=True, slots=True)
class _Line:
    plugin: Plugin

    @property
    def title(self) -> str:
        """The declared title, or the id of a plugin that could not be loaded."""
        return self.plugin.declaration.title.vi if self.plugin.declaration else self.plugin.id

    def as_json(self) -> dict[str, str]:
        """Return the shape other programs rely on."""
        plugin = self.plugin
        return {
            "kind": plugin.kind,
            "id": plugin.id,
            "title": self.title,
            "distribution": plugin.distribution,
            "version": plugin.version,
            "state": plugin.state,
            "reason": plugin.reason,
        }


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    listing = verbs.add_parser("list", help="liệt kê · list")
    listing.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> int:
    """List all plugins; 1 when one of them is not usable."""
    try:
        disabled = frozenset(settings.load(home_of(options)).plugins.disabled)
    except HomeMissing:
        disabled = frozenset()
    lines = [_Line(plugin) for plugin in Registry.discover(disabled).plugins]
    if options.json:
        print_json([line.as_json() for line in lines])
    else:
        for line in lines:
            mark = "✓" if line.plugin.state == "ok" else "!"
            sys.stdout.write(f"{mark} {line.plugin.kind:9} {line.plugin.id:24} {line.title}")
            sys.stdout.write(f" — {line.plugin.state}: {line.plugin.reason}\n" if line.plugin.reason else "\n")
    usable = all(line.plugin.state in ("ok", "disabled") for line in lines)
    return Exit.DONE if usable else Exit.NO
