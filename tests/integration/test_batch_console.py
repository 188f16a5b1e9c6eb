"""Many signatures at once over the real signer: from the keys a director presses to files that verify."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from console.app import ConsoleApp
from console.kernel_desk import KernelDesk
from console.main import main
from console.practice.people import PASSWORD, PIN
from console.wiring import open_watch
from kernel.casework import batches
from kernel.dossier.records import DocumentState
from kernel.signing.verify import verify
from kernel.storage import documents
from tests.tui.conftest import Clerk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.practice import Branch

COUNT = 4


@pytest.fixture
def desk(drawn: Branch) -> Iterator[KernelDesk]:
    watch = open_watch(drawn.office.settings)
    made = KernelDesk(drawn.office, watch, "vi")
    yield made
    made.close()
    watch.close()


@pytest.fixture
def waiting(drawn: Branch) -> list[str]:
    """Ids of contracts that wait for the director; one of them has lost its file."""
    agreed = drawn.agree(drawn.document(drawn.case_id))
    ids = [agreed.id, *(uuid4().hex for _ in range(COUNT - 1))]
    with drawn.office.work() as work:
        for place, document in enumerate(ids[1:], 1):
            sha256 = "0" * 64 if place == 2 else agreed.sha256
            documents.put(work.session, replace(agreed, id=document, number=f"HĐ-{place}/Ữ", sha256=sha256))
        work.commit()
    return ids


def test_a_director_signs_what_waits_with_one_pin(
    drawn: Branch, desk: KernelDesk, waiting: list[str], tmp_path: Path
) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.type("duc")
        await clerk.press("enter")
        await clerk.type(PASSWORD)
        await clerk.press("enter", "f4")
        assert f"Chờ bạn ký: {COUNT} văn bản" in clerk.text
        await clerk.press("f4", "f9")
        assert "▶ Phạm Quang Đức" in clerk.text
        await clerk.type("00000000")
        await clerk.press("f9")
        await clerk.until(lambda: bool(clerk.problem), "the refusal")
        assert "PIN" in clerk.problem
        await clerk.type(PIN)
        await clerk.press("f9")
        await clerk.until(lambda: "Xong lô" in clerk.message, "the end")
        await clerk.settle()
        assert f"đã ký {COUNT - 1}, không ký được 1" in clerk.message
        assert drawn.dossier(drawn.case_id).code in clerk.text
        await clerk.press("escape")
        assert "Chờ bạn ký: 1 văn bản" in clerk.text

    play(desk, scene, tmp_path)
    with drawn.office.work(reading=True) as work:
        found = [documents.get(work.session, one) for one in waiting]
    assert [one.state is DocumentState.SIGNED for one in found] == [True, True, False, True]
    for one in found:
        if one.state is DocumentState.SIGNED:
            assert verify(drawn.office.blobs.get(one.sha256), drawn.office.trust).signatures[0].intact
    assert all(signer.unlocked_for() is None for signer in drawn.office.signers.values())


def play(desk: KernelDesk, scene: Any, reports: Path) -> None:
    async def act() -> None:
        app = ConsoleApp(lambda: desk, "vi", "Thực hành", reports=reports)
        async with app.run_test(size=(80, 24)) as pilot:
            clerk = Clerk(app, desk, pilot)  # type: ignore[arg-type]  # the real desk in the place of the fake one
            await clerk.settle()
            await scene(clerk)

    asyncio.run(act())


def test_covering_the_screen_does_not_take_the_key_from_a_batch(
    drawn: Branch, desk: KernelDesk, waiting: list[str]
) -> None:
    desk.sign_in("duc", PASSWORD)
    certificate = next(one for one in desk.certificates(waiting[0]) if one.problem is None)
    seen = desk.to_sign("", 0, 10)
    assert seen.total == COUNT
    with drawn.office.work() as work:
        # what comes after the list was looked at is not signed with it
        documents.put(work.session, replace(documents.get(work.session, waiting[0]), id=uuid4().hex))
        work.commit()
    batch = desk.open_batch(certificate.id, None, [waiting[2]], seen.at)
    assert batch.total == COUNT - 1
    assert batch.next in waiting
    covered: list[int] = []

    def tell(now: object) -> None:
        if not covered:
            desk.sign_out()
        covered.append(1)

    ended = desk.run_batch(batch.id, PIN, desk.batch_hand(), tell)
    assert (ended.state, ended.done, ended.failed) == ("done", COUNT - 1, 0)
    assert all(signer.unlocked_for() is None for signer in drawn.office.signers.values())


def test_the_command_goes_on_with_a_batch(
    drawn: Branch, waiting: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    document = drawn.document(drawn.case_id)
    certificate = drawn.certificate(document).certificate.sha256
    items = [(one, "ben_ban") for one in waiting]
    opened = batches.open_batch(drawn.office, drawn.named("duc"), certificate, items)
    for signer in drawn.office.signers.values():
        signer.close()  # the command is another program, and a signer's journal is one process's

    def quaydien(*words: str, typed: str = "") -> tuple[int, Any]:
        capsys.readouterr()
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        code = main(["--home", str(drawn.home), "batch", *words, "--json"])
        told = capsys.readouterr()
        return code, json.loads(told.out) if told.out else told.err

    code, listed = quaydien("list")
    assert (code, [one["id"] for one in listed]) == (0, [opened.id])
    code, refused = quaydien("run", opened.id[:8], "--user", "duc", typed=f"{PASSWORD}\n00000000\n")
    assert code == 3
    assert "PIN" in refused
    code, ended = quaydien("run", opened.id[:8], "--user", "duc", typed=f"{PASSWORD}\n{PIN}\n")
    assert (code, ended["done"], [one["document"] for one in ended["left"]]) == (1, COUNT - 1, [waiting[2]])
    assert quaydien("show", opened.id)[1]["state"] == "done"
    assert quaydien("show", "không-có")[0] == 2
    assert quaydien("list") == (0, [])
