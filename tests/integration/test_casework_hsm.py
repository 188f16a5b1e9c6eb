"""The organisation's seal from an HSM: no PIN at the counter, but not for everyone and not for everything."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from console.diagnosis import examine
from console.practice.people import PIN
from console.wiring import close_office, open_office
from kernel.casework import certificates, signing
from kernel.casework.errors import KeyNotForDocument, KeyNotForPerson
from kernel.dossier.records import DocumentState
from kernel.errors import SettingsInvalid
from kernel.settings import FILE_NAME, load
from tests.practice import Branch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kernel.dossier.records import DossierDocument


@pytest.fixture
def with_seal(drawn: Branch) -> Iterator[Callable[..., Branch]]:
    """Give the branch's seal to an HSM key, and return the branch with an office that knows of it."""
    opened = []

    def give(**changes: str) -> Branch:
        seal = next(one for one in _everything(drawn) if one.info.uid.startswith("MST:"))
        (drawn.home / "keys").mkdir(exist_ok=True)
        (drawn.home / "keys" / "hsm.pin").write_text(PIN)
        (drawn.home / "keys" / "hsm.pin").chmod(0o600)
        module = drawn.office.settings.signing.modules[0]
        environment = ", ".join(f'{key} = "{value}"' for key, value in module.environment.items())
        said = {"purposes": '["dong_dau"]', "roles": '["VT"]', "documents": "[]", "module": '"hsm"', **changes}
        with (drawn.home / FILE_NAME).open("a", encoding="utf-8") as file:
            file.write(
                f'\n[[signing.modules]]\nid = "hsm"\npath = "{module.path}"\nenvironment = {{ {environment} }}\n'
                f'\n[[signing.keys]]\nid = "con-dau"\ncertificate = "{seal.certificate.sha256}"\n'
                f'pin_file = "keys/hsm.pin"\nprocesses = 2\n' + "".join(f"{key} = {said[key]}\n" for key in said)
            )
        for signer in drawn.office.signers.values():
            signer.restart()  # its journal belongs to one process at a time
        office = open_office(drawn.home)
        opened.append(office)
        return replace(drawn, office=office)

    yield give
    for office in opened:
        close_office(office)


def _everything(branch: Branch) -> tuple[certificates.Candidate, ...]:
    return branch.candidates(branch.document(branch.case_id))


def signed(branch: Branch) -> DossierDocument:
    return branch.sign(branch.agree(branch.document(branch.case_id)))


def seal(branch: Branch, document: DossierDocument, who: str = "thuy") -> DossierDocument:
    key = branch.office.settings.signing.keys[0]
    return signing.sign(branch.office, branch.named(who), document.id, "con_dau", key.certificate, "")


def test_the_registrar_seals_without_a_pin(with_seal: Callable[..., Branch]) -> None:
    branch = with_seal()
    document = signed(branch)
    first = certificates.candidates(branch.office, branch.named("thuy"), document.id)[0]
    assert (first.problem, first.needs_pin) == (None, False)
    complete = seal(branch, document)
    assert complete.state is DocumentState.COMPLETE
    assert complete.filled[-1].certificate == branch.office.settings.signing.keys[0].certificate
    assert branch.audit("sign")[-1].facts["field"] == "con_dau"


def test_not_everyone_may_ask_for_it(with_seal: Callable[..., Branch]) -> None:
    branch = with_seal()
    document = signed(branch)
    with pytest.raises(KeyNotForPerson) as caught:
        seal(branch, document, "nga")
    assert "Vũ Thị Diệu Ngà" in caught.value.diagnosis("vi").cause
    found = certificates.candidates(branch.office, branch.named("nga"), document.id)
    assert all(one.problem is not None for one in found)
    assert branch.document(branch.case_id).state is DocumentState.SIGNED


def test_not_every_document_is_sealed_with_it(with_seal: Callable[..., Branch]) -> None:
    branch = with_seal(documents='["phu_luc_hop_dong"]')
    with pytest.raises(KeyNotForDocument):
        seal(branch, signed(branch))


def test_another_purpose_is_not_its_own(with_seal: Callable[..., Branch]) -> None:
    branch = with_seal(purposes='["nguoi_ky"]')
    with pytest.raises(KeyNotForDocument):
        seal(branch, signed(branch))


def test_a_key_without_a_module_is_told_at_once(with_seal: Callable[..., Branch]) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        with_seal(module='"không có"')
    assert "không có" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [('"dong_dau"', '"dong_dau_bua"'), ('"VT"', '"KHACH"'), ("processes = 2", "processes = 0"), ("[]", "[1]")],
)
def test_wrong_settings_are_told(with_seal: Callable[..., Branch], old: str, new: str) -> None:
    branch = with_seal()
    text = (branch.home / FILE_NAME).read_text("utf-8")
    head, section, tail = text.partition("[[signing.keys]]")
    (branch.home / FILE_NAME).write_text(head + section + tail.replace(old, new), "utf-8")
    with pytest.raises(SettingsInvalid):
        load(branch.home)


def test_doctor_tells_of_the_key(with_seal: Callable[..., Branch]) -> None:
    branch = with_seal()
    close_office(branch.office)
    [healthy] = [one for one in examine(branch.home, "vi") if one.name == "Khóa HSM"]
    assert (healthy.state, healthy.finding) == ("ok", "con-dau: 2/2 tiến trình ký sẵn sàng")
    (branch.home / "keys" / "hsm.pin").chmod(0o644)
    [ill] = [one for one in examine(branch.home, "vi") if one.name == "Khóa HSM"]
    assert ill.state == "failed"
    assert "hsm.pin" in ill.finding
    assert "PIN" in ill.advice
