"""The device watch: tokens that come, change and go, modules that are missing, hang or die."""

from __future__ import annotations

import os
import queue
import shutil
import signal
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kernel.tokens.watch_client import Snapshot, Watch, WatchedModule
from tests.softhsm import MODULE, SoftHsm, master

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Start = Callable[..., "Seen"]


class Seen:
    """The snapshots a watch has called back with."""

    def __init__(self, watch: Watch, snapshots: queue.Queue[Snapshot]) -> None:
        self.watch = watch
        self.snapshots = snapshots

    def until(self, wanted: Callable[[Snapshot], bool]) -> Snapshot:
        while True:
            snapshot = self.snapshots.get(timeout=60)
            if wanted(snapshot):
                return snapshot


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as stack:

        def started(hsm: SoftHsm, *modules: WatchedModule, silence: float = 30.0) -> Seen:
            snapshots: queue.Queue[Snapshot] = queue.Queue()
            watch = Watch(
                modules, snapshots.put, log=tmp_path / "watch.log", env=hsm.env, interval=0.05, silence=silence
            )
            stack.enter_context(closing(watch))
            watch.start()
            return Seen(watch, snapshots)

        yield started


def state(snapshot: Snapshot) -> tuple[str, list[str]]:
    return snapshot[0].state, [token.label for token in snapshot[0].tokens]


def test_softhsm_tokens_come_and_go(tmp_path: Path, start: Start) -> None:
    hsm = SoftHsm(tmp_path / "hsm")
    seen = start(hsm, WatchedModule(MODULE, "reload"))
    seen.until(lambda found: state(found) == ("ok", []))
    shutil.copytree(master().hsm.home / "tokens", hsm.home / "tokens", dirs_exist_ok=True)
    seen.until(lambda found: state(found) == ("ok", ["Ký số Điện lực"]))
    assert state(seen.watch.snapshot) == ("ok", ["Ký số Điện lực"])
    for token in (hsm.home / "tokens").iterdir():
        token.rename(tmp_path / token.name)
    seen.until(lambda found: state(found) == ("ok", []))


def test_a_token_pulled_and_plugged_is_seen_without_a_reload(tmp_path: Path, start: Start) -> None:
    hsm = master().hsm.copy(tmp_path / "hsm", shim=True)
    seen = start(hsm, WatchedModule(hsm.module))
    seen.until(lambda found: state(found) == ("ok", ["Ký số Điện lực"]))
    hsm.fault("removed")
    seen.until(lambda found: state(found) == ("ok", []))
    hsm.mend("removed")
    seen.until(lambda found: state(found) == ("ok", ["Ký số Điện lực"]))


def test_flags_are_followed(tmp_path: Path, start: Start) -> None:
    hsm = master().hsm.copy(tmp_path / "hsm", shim=True)
    seen = start(hsm, WatchedModule(hsm.module))
    seen.until(lambda found: bool(found[0].tokens))
    hsm.fault("pin_wrong", "2")
    hsm.fault("pin_max", "3")
    seen.until(lambda found: found[0].tokens[0].pin_final_try)
    hsm.fault("pin_wrong", "3")
    seen.until(lambda found: found[0].tokens[0].pin_locked)
    assert hsm.calls() == []


def test_a_module_that_is_not_there_and_then_is(tmp_path: Path, start: Start) -> None:
    hsm = master().hsm.copy(tmp_path / "hsm")
    module = tmp_path / "đang cài.so"
    seen = start(hsm, WatchedModule(module), WatchedModule(MODULE))
    seen.until(lambda found: found[0].state == "module_missing" and found[1].state == "ok")
    module.symlink_to(MODULE)
    seen.until(lambda found: state(found) == ("ok", ["Ký số Điện lực"]))


def test_a_file_that_is_no_module(tmp_path: Path, start: Start) -> None:
    module = tmp_path / "x.so"
    module.write_text("rác", "utf-8")
    start(SoftHsm(tmp_path / "hsm"), WatchedModule(module)).until(lambda found: found[0].state == "module_unusable")


def test_a_module_that_hangs_hides_no_other(tmp_path: Path, start: Start) -> None:
    hsm = master().hsm.copy(tmp_path / "hsm", shim=True)
    hsm.fault("hang_list")
    seen = start(hsm, WatchedModule(hsm.module), WatchedModule(MODULE), silence=8.0)
    found = seen.until(lambda found: found[0].state == "not_responding")
    assert found[1].state == "ok" and found[1].tokens
    hsm.mend("hang_list")
    seen.until(lambda found: found[0].state == "ok")


def test_a_watch_that_dies_is_replaced(tmp_path: Path, start: Start) -> None:
    hsm = master().hsm.copy(tmp_path / "hsm", shim=True)
    seen = start(hsm, WatchedModule(hsm.module))
    seen.until(lambda found: bool(found[0].tokens))
    os.kill(seen.watch.processes[hsm.module], signal.SIGKILL)
    hsm.fault("removed")
    seen.until(lambda found: state(found) == ("ok", []))


def test_no_process_is_left_behind(tmp_path: Path, start: Start) -> None:
    hsm = master().hsm.copy(tmp_path / "hsm")
    seen = start(hsm, WatchedModule(MODULE))
    seen.until(lambda found: bool(found[0].tokens))
    (pid,) = seen.watch.processes.values()
    seen.watch.close()
    assert not Path(f"/proc/{pid}").exists()
