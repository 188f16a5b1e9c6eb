"""Making the practice branch: folders, database, staff, tokens with keys and certificates, settings."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from adapters.sms import inbox
from console.practice.authority import Authority
from console.practice.errors import FolderTaken
from console.practice.people import BRANCH, PARTY, PASSWORD, PEOPLE, PIN, SEAL, SEAL_TOKEN, UNIT, Subject, subject_of
from console.practice.stamp_images import give_images
from console.practice.trust_services import make_keys, settings_text
from kernel import clock, settings
from kernel.casework import staff
from kernel.casework.office import Actor
from kernel.storage.blobs import Blobs
from kernel.storage.engine import open_engine
from kernel.storage.schema import upgrade
from kernel.storage.unit_of_work import UnitOfWork
from kernel.tokens.administration import Administration
from kernel.tokens.errors import ModuleNotFound

SOFTHSM = (
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
    Path("/usr/lib64/pkcs11/libsofthsm2.so"),
    Path("/opt/homebrew/lib/softhsm/libsofthsm2.so"),
    Path(r"C:\SoftHSM2\lib\softhsm2-x64.dll"),
)
SO_PIN = "87654321"
SERVICES = ("cmis", "sms", "trust")
CA = "ca"
TRUST = "thuc-hanh.pem"
MARK = ".don-vi-thuc-hanh"
"""Lies in the folder of a practice branch from its first moment: only such a folder is ever deleted."""
_PORT = r"(?<=http://127\.0\.0\.1:)\d+"


def practice_folder(home: Path) -> Path:
    """Return the folder of what stands in for the outside world."""
    return home / "practice"


def prepare(home: Path, say: Callable[[str], None]) -> None:
    """Make the practice branch in `home` unless it is there. A half-made one is begun anew. Raises FolderTaken."""
    if (home / settings.FILE_NAME).is_file():
        return
    wipe(home)
    folder = practice_folder(home)
    home.mkdir(parents=True, mode=0o700)
    (home / MARK).touch()
    folder.mkdir(mode=0o700)
    module = _softhsm()
    environment = {"SOFTHSM2_CONF": str(_softhsm_configuration(folder))}
    say("Lập cơ quan chứng thực và các token thực hành · practice CA and tokens")
    authority = Authority.create(folder / CA, clock.now())
    make_keys(folder / CA, authority)
    trust = home / "trust"
    trust.mkdir()
    (trust / TRUST).write_bytes(authority.trust_bundle(clock.now()))
    administration = Administration(module, log=folder / "administration.log", env=environment)
    with administration:  # one process for all steps
        for person in PEOPLE:
            if person.token:
                _make_token(administration, authority, person.token, subject_of(person))
        _make_token(administration, authority, SEAL_TOKEN, SEAL)
    text = _settings_text(module, environment, {service: _free_port() for service in SERVICES})
    say("Lập cơ sở dữ liệu và nhân viên · database and staff")
    _make_database(home, text)
    # written last: its presence says that the branch is whole
    _write_settings(home, text)


def wipe(home: Path) -> None:
    """Delete a practice branch, whole or half made. Raises FolderTaken for a folder of anything else."""
    if not home.exists():
        return
    if any(home.iterdir()) and not (home / MARK).is_file():
        raise FolderTaken(folder=home)
    # gone first: a branch that is half deleted must not look whole
    (home / settings.FILE_NAME).unlink(missing_ok=True)
    shutil.rmtree(home)


def move_services(home: Path) -> None:
    """Give the stand-in services other ports where theirs were taken by another program in the meantime."""
    path = home / settings.FILE_NAME
    text = path.read_text("utf-8")
    # a service that is named twice moves once
    moved = {port: str(_free_port()) for port in re.findall(_PORT, text)}
    _write_settings(home, re.sub(_PORT, lambda found: moved[found[0]], text))


def give_trust_services(home: Path) -> None:
    """Give an older practice branch time stamps and revocation data: keys, fresh lists, a section in its settings."""
    folder = practice_folder(home) / CA
    authority = Authority.load(folder)
    make_keys(folder, authority)
    (home / "trust" / TRUST).write_bytes(authority.trust_bundle(clock.now()))
    text = (home / settings.FILE_NAME).read_text("utf-8")
    _write_settings(home, text.rstrip() + "\n" + settings_text(_free_port()))


def _write_settings(home: Path, text: str) -> None:
    """Write the settings whole or not at all."""
    fresh = home / f"{settings.FILE_NAME}.new"
    fresh.write_text(text, "utf-8")
    fresh.replace(home / settings.FILE_NAME)


def _softhsm() -> Path:
    named = os.environ.get("QUAYDIEN_SOFTHSM")
    for path in (Path(named),) if named else SOFTHSM:
        if path.is_file():
            return path
    raise ModuleNotFound(module="SoftHSM2", path=named or "libsofthsm2.so")


def _softhsm_configuration(folder: Path) -> Path:
    tokens = folder / "softhsm" / "tokens"
    tokens.mkdir(parents=True, mode=0o700)
    path = folder / "softhsm" / "softhsm2.conf"
    path.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n", "utf-8")
    return path


def _make_token(administration: Administration, authority: Authority, label: str, subject: Subject) -> None:
    token = administration.init_token(label=label, so_pin=SO_PIN, pin=PIN)
    public_key = administration.generate_key(serial=token.serial, pin=PIN, label=label, key_id=b"\x01", kind="RSA-2048")
    for key_id, name, der in (
        (b"\x01", label, authority.certify(public_key, subject, clock.now())),
        (b"\xca", "CA", authority.issuing_certificate),
    ):
        administration.import_certificate(serial=token.serial, pin=PIN, label=name, key_id=key_id, der=der)


def _make_database(home: Path, text: str) -> None:
    draft = home / "draft"
    draft.mkdir()
    (draft / settings.FILE_NAME).write_text(text, "utf-8")
    database = settings.load(draft).database.url.removeprefix("sqlite:///")
    shutil.rmtree(draft)
    engine = open_engine(f"sqlite:///{home / database}")
    upgrade(engine)
    with UnitOfWork(engine) as work:
        for person in PEOPLE:
            actor = Actor(
                person.user, person.name, UNIT, person.roles, person.identity, person.employee_code, person.title
            )
            staff.add(work.session, actor, PASSWORD)
        work.record(unit=UNIT, actor="system", action="practice_branch", subject=UNIT)
        work.commit()
    give_images(engine, Blobs(home / "blobs"))
    engine.dispose()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _settings_text(module: Path, environment: dict[str, str], ports: dict[str, int]) -> str:
    party = _toml_table(PARTY)
    conf = environment["SOFTHSM2_CONF"]
    # SoftHSM shows a token that came or went only to a module that is loaded anew
    return f"""# Đơn vị thực hành của Quầy Điện. Mọi người, số và chứng thư ở đây đều không có thật.
language = "vi"

[branch]
code = "{UNIT}"
name = "{BRANCH}"
place = "Hà Nội"
practice = true

[branch.party]
{party}

[database]
url = "sqlite:///quaydien.db"

[signing]
prefer_pss = true

[[signing.modules]]
id = "softhsm"
path = {_toml(str(module))}
rescan = "reload"
environment = {{ SOFTHSM2_CONF = {_toml(conf)} }}

[cmis]
adapter = "cmis"
options = {{ base_url = "http://127.0.0.1:{ports["cmis"]}", access_key = "thuc-hanh", secret_key = "thuc-hanh" }}

[sms]
adapter = "kannel"

[sms.options]
{_toml_table(inbox.settings(f"http://127.0.0.1:{ports['sms']}"))}
{settings_text(ports["trust"])}"""


def _toml_table(table: dict[str, str]) -> str:
    return "\n".join(f"{key} = {_toml(value)}" for key, value in table.items())


def _toml(text: str) -> str:
    return "'" + text + "'" if sys.platform == "win32" else f'"{text}"'
