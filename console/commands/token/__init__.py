"""`quaydien token list|init|import|pin|test`: tokens and HSMs of this machine, and their administration.

A PIN is typed at the terminal, or comes on stdin, one a line. It is never taken from the command line.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

_VERBS = {
    "list": "listing",
    "init": "initialising",
    "import": "importing",
    "pin": "pins",
    "test": "testing",
}
"""Verb: the module that does it."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    listing = verbs.add_parser("list", help="thiết bị và chứng thư · devices and certificates")
    listing.add_argument("--search", action="store_true", help="tìm trình điều khiển trên máy · search for drivers")
    init = verbs.add_parser("init", help="khởi tạo: nhãn, SO PIN, PIN · initialise: label, SO PIN, PIN")
    init.add_argument("--label", required=True, help="nhãn, tối đa 32 byte · label, 32 bytes at most")
    init.add_argument("--erase", action="store_true", help="xóa khóa đang có · delete the keys that are there")
    importing = verbs.add_parser("import", help="đưa khóa và chứng thư vào · put in a key and its certificate")
    importing.add_argument("file", type=Path, metavar="TỆP", help="PKCS#12 (.p12, .pfx) | PEM")
    importing.add_argument("--certificate", type=Path, metavar="TỆP", help="chứng thư, nếu ở tệp khác · if it is apart")
    importing.add_argument("--label", default="", help="nhãn của khóa · the key's label")
    pins = verbs.add_parser("pin", help="đổi PIN; mở khóa bằng SO PIN · change the PIN; unblock with the SO PIN")
    how = pins.add_mutually_exclusive_group()
    how.add_argument("--unblock", action="store_true", help="đặt PIN mới bằng SO PIN · a new PIN by the SO PIN")
    how.add_argument(
        "--clear-tries", action="store_true", help="quên số lần sai đã đếm · forget the wrong PINs counted here"
    )
    how.add_argument("--so", action="store_true", help="đổi SO PIN · change the SO PIN")
    testing = verbs.add_parser("test", help="thử từ trình điều khiển đến chữ ký · from the driver to a signature")
    testing.add_argument("--no-sign", action="store_true", help="không ký thử, không cần PIN · without a PIN")
    for verb in (listing, init, importing, pins, testing):
        verb.add_argument("--module", default="", help="mã trong quaydien.toml, hoặc đường dẫn · id, or a path")
        verb.add_argument("--json", action="store_true")
    for verb in (init, importing, pins, testing):
        verb.add_argument("--serial", default="", help="số của token · the token's serial number")


def run(options: argparse.Namespace) -> int:
    """Do one of them; 1 where a test failed, 3 where a device can't be used."""
    return int(import_module(f"{__name__}.{_VERBS[options.verb]}").run(options))
