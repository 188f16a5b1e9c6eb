"""Which tokens are there now: the console's side of the device watch. Never blocks on a device."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from kernel.tokens.shapes import TokenInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ModuleState = Literal["starting", "ok", "module_missing", "module_unusable", "not_responding"]

_SILENCE_SECONDS = 30.0
_PAUSES = (0.0, 0.5, 1.0, 2.0, 5.0, 15.0)


@dataclass(frozen=True, slots=True)
class WatchedModule:
    """A module to watch. `rescan` is `reload` where it sees a token plugged in only when it starts anew (SoftHSM).

    `env` is added to the environment of its process.
    """

    path: Path
    rescan: Literal["slots", "reload"] = "slots"
    env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class ModuleSnapshot:
    """What was last seen at a module."""

    module: Path
    state: ModuleState
    tokens: tuple[TokenInfo, ...] = ()


Snapshot = tuple[ModuleSnapshot, ...]


class Watch:
    """Keeps the latest snapshot of some modules and calls `changed` with it, from a thread of its own.

    Every module has its own process, so that one that hangs hides no other. A process that dies or falls silent is
    replaced. `log` gets what the modules print.
    """

    def __init__(
        self,
        modules: Sequence[WatchedModule],
        changed: Callable[[Snapshot], None],
        *,
        log: Path,
        env: Mapping[str, str] = MappingProxyType({}),
        interval: float = 1.0,
        silence: float = _SILENCE_SECONDS,
    ) -> None:
        self._changed = changed
        self._log = log
        self._env = env
        self._interval = interval
        self._silence = silence
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._seen = {module.path: ModuleSnapshot(module.path, "starting") for module in modules}
        self._processes: dict[Path, subprocess.Popen[bytes]] = {}
        self._threads = [
            threading.Thread(target=self._follow, args=(module,), name=f"watch {module.path.name}", daemon=True)
            for module in modules
        ]

    def start(self) -> None:
        """Begin watching."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        for thread in self._threads:
            thread.start()

    @property
    def snapshot(self) -> Snapshot:
        """The latest snapshot, in the order of the modules given."""
        with self._lock:
            return tuple(self._seen.values())

    @property
    def processes(self) -> dict[Path, int]:
        """Process ids by module."""
        with self._lock:
            return {path: process.pid for path, process in self._processes.items()}

    def close(self) -> None:
        """End the processes and wait for the threads."""
        self._closed.set()
        with self._lock:
            for process in self._processes.values():
                process.kill()
        for thread in self._threads:
            if thread.is_alive() and thread is not threading.current_thread():
                thread.join()

    def _follow(self, module: WatchedModule) -> None:
        failures = 0
        while not self._closed.wait(_PAUSES[min(failures, len(_PAUSES) - 1)]):
            failures = 1 if self._run(module) else failures + 1

    def _run(self, module: WatchedModule) -> bool:
        """Run one process to its end; True if it said anything."""
        process = self._spawn(module)
        if process is None:
            self._see(ModuleSnapshot(module.path, "not_responding"))
            return False
        spoke = hung = False

        def expire() -> None:
            nonlocal hung
            hung = True
            process.kill()

        assert process.stdout is not None  # noqa: S101  # Popen was given a pipe
        with process:
            while True:
                watchdog = threading.Timer(self._silence, expire)
                watchdog.daemon = True
                watchdog.start()
                line = process.stdout.readline()
                watchdog.cancel()
                if not line.endswith(b"\n"):
                    break
                spoke = True
                self._read(module.path, line)
            process.kill()
        if not self._closed.is_set() and (hung or not spoke):
            self._see(ModuleSnapshot(module.path, "not_responding"))
        return spoke and not hung

    def _spawn(self, module: WatchedModule) -> subprocess.Popen[bytes] | None:
        arguments = ["--interval", str(self._interval), "--rescan", module.rescan, str(module.path)]
        with self._lock:
            if self._closed.is_set():
                return None
            try:
                with self._log.open("ab") as log:
                    process = subprocess.Popen(
                        [sys.executable, "-P", "-m", "kernel.tokens.watch", *arguments],
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                        stderr=log,
                        env={**os.environ, **self._env, **module.env},
                        start_new_session=True,  # Ctrl+C at the terminal is for the console alone
                        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                    )
            except OSError:
                return None
            self._processes[module.path] = process
            return process

    def _read(self, module: Path, line: bytes) -> None:
        data = json.loads(line)
        if data:
            tokens = tuple(TokenInfo(**fields) for fields in data["tokens"])
            self._see(ModuleSnapshot(module, data["state"], tokens))

    def _see(self, found: ModuleSnapshot) -> None:
        with self._lock:
            if self._seen[found.module] == found:
                return
            self._seen[found.module] = found
            snapshot = tuple(self._seen.values())
        self._changed(snapshot)
