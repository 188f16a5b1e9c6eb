"""The key's C_Sign in two processes at once: what this machine allows two signers.

`python -P -m benchmarks.signing.raw_twice MODULE FOLDER` signs as often as each line it reads says, and answers "done".
"""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pkcs11

from benchmarks.signing.ways import TOKEN, Made, Token, Way, private_key
from kernel.tokens.library import open_library
from tests.softhsm import PIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.signing.contracts import Contract

RAW_TWO = "C_Sign alone, two processes"
SIGNED = bytes(200)
"""As many bytes as a CMS has the key sign."""


@contextmanager
def raw_twice(token: Token, folder: Path) -> Iterator[Way]:
    """Start two processes with a session each. `token.hsm.env` has to be in the environment."""
    with ExitStack() as stack:
        both = [stack.enter_context(_process(token, folder / str(number))) for number in range(2)]
        for one in both:
            _line(one)

        def sign(_contract: Contract, count: int) -> Made:
            begun = time.perf_counter()
            for one in both:
                assert one.stdin is not None  # noqa: S101  # it was given a pipe
                print(count // 2, file=one.stdin, flush=True)
            for one in both:
                _line(one)
            return Made([(time.perf_counter() - begun) * 1000 / count], [])

        yield Way(RAW_TWO, 256, sign)


@contextmanager
def _process(token: Token, folder: Path) -> Iterator[subprocess.Popen[str]]:
    folder.mkdir(parents=True)
    line = [sys.executable, "-P", "-m", __spec__.name, str(token.hsm.module), str(folder)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process


def _line(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None  # noqa: S101  # it was given a pipe
    if process.stdout.readline() != "done\n":
        raise RuntimeError(f"{RAW_TWO}: a process is gone")


def _serve(module: Path, folder: Path) -> None:
    with open_library(module, folder).get_token(token_label=TOKEN).open(user_pin=PIN) as opened:
        key = private_key(opened)
        print("done", flush=True)
        for line in sys.stdin:
            for _ in range(int(line)):
                key.sign(SIGNED, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS)
            print("done", flush=True)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), Path(sys.argv[2]))
