"""Devices that are not SoftHSM: the services they need, started here and ended by their process ids.

What stands in /run and /var/lib can be started by root alone: where the tests run as somebody else, `test_as_root.py`
runs those files again through sudo.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from tests.devices.virtual_reader import Slot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PCSCD = Path("/run/pcscd/pcscd.comm")
_VPCD_OF_THE_PACKAGE = 0x8C7B
_OCK = Path("/var/lib/opencryptoki/swtok")
_OCK_LOCKS = Path("/var/lock/opencryptoki")
_SLOTD_FOLDERS = (Path("/run"), Path("/run/opencryptoki"))
"""Where pkcsslotd keeps its socket and its id, by version."""


def library(*names: str) -> Path:
    """Return a module of a Debian package that `./run test` installs."""
    folders = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib")
    found = [Path(folder) / name for folder in folders for name in names if (Path(folder) / name).exists()]
    assert found, f"{names[0]} is missing: ./run test installs it"
    return found[0]


@pytest.fixture(scope="session")
def root() -> None:
    if os.geteuid() != 0:
        pytest.skip("a service that only root may start: run through sudo by test_as_root.py")


@dataclass
class Readers:
    """The two slots of a virtual reader under pcscd. `pcscd` is None where this machine's own runs."""

    first: Slot
    second: Slot
    pcscd: PcscDaemon | None


class PcscDaemon:
    """A pcscd of ours: it can be stopped and started as on a machine where the service is restarted."""

    def __init__(self, folder: Path, port: int) -> None:
        driver = library("pcsc/drivers/serial/libifdvpcd.so")
        self._configuration, self._log = folder / "reader.conf.d", folder / "pcscd.log"
        self._configuration.mkdir()
        (self._configuration / "vpcd").write_text(
            f'FRIENDLYNAME "Quay Dien"\nDEVICENAME /dev/null:0x{port:04X}\nLIBPATH {driver}\nCHANNELID 0x{port:04X}\n',
            "ascii",
        )
        self._port = port
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            command = ["pcscd", "--foreground", "--config", str(self._configuration)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        _wait(lambda: _answers(lambda: _connect_unix(_PCSCD)), self._process, self._log)
        second = f":{self._port + 1:04X} "  # the reader's second slot listens last
        _wait(lambda: second in Path("/proc/net/tcp").read_text("ascii"), self._process, self._log)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


@pytest.fixture(scope="session")
def readers(root: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Readers]:
    """The two slots of a virtual reader under pcscd: this machine's if one runs, else our own."""
    with FileLock("/tmp/quaydien-pcscd.lock"):  # there is one pcscd a machine
        if _answers(lambda: _connect_unix(_PCSCD)):
            yield Readers(Slot(_VPCD_OF_THE_PACKAGE), Slot(_VPCD_OF_THE_PACKAGE + 1), None)
            return
        port = _free_ports()
        daemon = PcscDaemon(tmp_path_factory.mktemp("pcscd"), port)
        try:
            yield Readers(Slot(port), Slot(port + 1), daemon)
        finally:
            daemon.stop()


@pytest.fixture(scope="session")
def open_cryptoki(root: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """openCryptoki's software token, never initialised: the module. This machine's own token is left alone."""
    module = library("pkcs11/libopencryptoki.so", "opencryptoki/libopencryptoki.so")
    with FileLock("/tmp/quaydien-opencryptoki.lock"):  # there is one software token a machine
        kept = _OCK / "NVTOK.DAT"
        if kept.exists() and b"Quay Dien" not in kept.read_bytes():
            pytest.fail(f"{_OCK} holds a token that these tests did not make: move it away to run them")
        _empty(_OCK)
        daemon = None if _slot_daemon_runs() else _slot_daemon(tmp_path_factory.mktemp("slotd") / "pkcsslotd.log")
        try:
            yield module
        finally:
            _empty(_OCK)
            if daemon is not None:
                daemon.terminate()
                daemon.wait()


@pytest.fixture(scope="session")
def tpm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """tpm2-pkcs11 on a software TPM: the module and its environment."""
    module = library("pkcs11/libtpm2_pkcs11.so", "libtpm2_pkcs11.so.1")
    home = tmp_path_factory.mktemp("tpm")
    (home / "state").mkdir()
    (home / "store").mkdir()
    port = _free_ports()
    arguments = ["--tpmstate", f"dir={home / 'state'}", "--flags", "not-need-init,startup-clear"]
    server = ["--server", f"type=tcp,port={port}", "--ctrl", f"type=tcp,port={port + 1}"]
    with (home / "swtpm.log").open("wb") as log:
        emulator = subprocess.Popen(["swtpm", "socket", "--tpm2", *arguments, *server], stdout=log, stderr=log)
    try:
        control = ("127.0.0.1", port + 1)
        _wait(lambda: _answers(lambda: socket.create_connection(control)), emulator, home / "swtpm.log")
        tcti = f"swtpm:host=127.0.0.1,port={port}"
        yield module, {"TPM2_PKCS11_STORE": str(home / "store"), "TPM2_PKCS11_TCTI": tcti, "TSS2_LOG": "all+none"}
    finally:
        emulator.terminate()
        emulator.wait()


def _empty(folder: Path) -> None:
    for one in folder.glob("*"):
        shutil.rmtree(one) if one.is_dir() else one.unlink()
    (folder / "TOK_OBJ").mkdir(parents=True, exist_ok=True)


def _connect_unix(path: Path) -> socket.socket:
    line = socket.socket(socket.AF_UNIX)
    try:
        line.connect(str(path))
    except OSError:
        line.close()
        raise
    return line


def _answers(connect: Callable[[], socket.socket]) -> bool:
    try:
        connect().close()
    except OSError:
        return False
    return True


def _slot_daemon(said: Path) -> subprocess.Popen[bytes]:
    for folder in _SLOTD_FOLDERS:
        for left in folder.glob("pkcsslotd.*"):
            left.unlink()
    for kind in ("swtok", "icsf", "tpm", "lite", "ccatok", "ep11tok"):
        (_OCK_LOCKS / kind).mkdir(parents=True, exist_ok=True)
    with said.open("wb") as log:
        daemon = subprocess.Popen(["pkcsslotd", "-f"], stdout=log, stderr=log)
    _wait(_slot_daemon_runs, daemon, said)
    return daemon


def _slot_daemon_runs() -> bool:
    """Tell whether pkcsslotd listens. It ends when a client hangs up early, so it is looked at and not asked."""
    for folder in _SLOTD_FOLDERS:
        try:
            pid = int((folder / "pkcsslotd.pid").read_text("ascii"))
            running = Path(f"/proc/{pid}/comm").read_text("ascii").strip() == "pkcsslotd"
        except (OSError, ValueError):
            continue
        return running and (folder / "pkcsslotd.socket").is_socket()
    return False


def _wait(there: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a service is there; fail with what it said where it ends or takes half a minute."""
    end = time.monotonic() + 30
    while not there():
        if process.poll() is not None or time.monotonic() > end:
            pytest.fail(f"a service did not start: {log.read_text('utf-8', 'replace')}")
        time.sleep(0.05)


def _free_ports() -> int:
    """Return the first of two free ports in a row."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as first, socket.socket() as second:
            port = int(first.getsockname()[1])
            if port < 0xFFFF and second.connect_ex(("127.0.0.1", port + 1)) != 0:
                return port
