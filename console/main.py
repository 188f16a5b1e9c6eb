"""The command `quaydien`: without a word it opens the console, with one it runs that command.

Only what is asked for is imported: the first frame of the console waits for nothing else.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

from console.commands import COMMANDS, Exit
from kernel.api.errors import QuayDienError
from kernel.api.text import Language
from kernel.errors import HomeMissing, SettingsInvalid


def default_home() -> Path:
    """Return the folder of this user's installation: QUAYDIEN_HOME, else the platform's data folder."""
    if named := os.environ.get("QUAYDIEN_HOME"):
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("quaydien", appauthor=False)


def _common() -> argparse.ArgumentParser:
    """Return the parser of the options that may stand anywhere in the line."""
    common = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    common.add_argument("--lang", choices=get_args(Language), default="vi", help="vi | en")
    common.add_argument("--home", type=Path, metavar="DIR")
    return common


def _parser(asked: str | None, common: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="quaydien", parents=[common], description="Quầy Điện: quầy dịch vụ điện không giấy tờ."
    )
    commands = parser.add_subparsers(dest="command", metavar="LỆNH")
    for name, text in COMMANDS.items():
        command = commands.add_parser(name, help=f"{text.vi} · {text.en}", description=text.vi)
        if name == asked:
            module = import_module(f"console.commands.{name.replace('-', '_')}")
            module.configure(command)
            command.set_defaults(run=module.run)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    common = _common()
    anywhere, words = common.parse_known_args(sys.argv[1:] if arguments is None else arguments)
    asked = next((word for word in words if word in COMMANDS), None)
    options = _parser(asked, common).parse_args(words)
    options.lang, options.home = anywhere.lang, anywhere.home
    try:
        return _run(options)
    except QuayDienError as error:
        print_error(error, options.lang)
        return Exit.WRONG_USE if isinstance(error, HomeMissing | SettingsInvalid) else Exit.OUTSIDE
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # the reader of our output went away: nothing is left to say to it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.DONE


def _run(options: argparse.Namespace) -> int:
    if options.command is not None:
        return int(options.run(options))
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stderr.write("Màn hình quầy cần một terminal · the console needs a terminal. quaydien --help\n")
        return Exit.WRONG_USE
    from console.opening import open_console

    return open_console(options.home or default_home(), options.lang)


def home_of(options: argparse.Namespace) -> Path:
    """Return the home folder a command works on."""
    return options.home or default_home()


def print_error(error: QuayDienError, language: Language) -> None:
    """Tell a person on stderr what happened, why, and what to do."""
    said = error.diagnosis(language)
    sys.stderr.write(f"✗ {said.title}\n  {said.cause}\n  → {said.advice}\n")


def print_json(data: Any) -> None:
    """Write data for another program to stdout."""
    import json

    json.dump(data, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")
