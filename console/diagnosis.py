"""The checks of `quaydien doctor`, from the modules to the audit trail.

Each check looks at the real thing and answers in one line; a failed one says what to do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from console.diagnosis_of_services import examine_remote, examine_revocation, examine_time_stamps
from console.examining import Check, Examiner, State
from console.wiring import close_office, open_office
from kernel import audit, clock, settings
from kernel.api.errors import AdapterRefused, AdapterUnavailable, QuayDienError
from kernel.api.messages import message
from kernel.api.text import Language
from kernel.casework.preserving import archive
from kernel.documents.typesetting import families
from kernel.signing.certificates import describe
from kernel.signing.trust_store import read_store
from kernel.storage import outgoing, schema
from kernel.storage.unit_of_work import UnitOfWork, audit_chain
from kernel.tokens.modules import vendor_of
from kernel.tokens.pool import SignerPool

EXPIRES_SOON = timedelta(days=30)
FREE_BYTES = 1_000_000_000


def examine(home: Path, language: Language) -> Iterator[Check]:
    """Run the checks of the installation in `home`, one after the other."""
    name = message("doctor.names.settings", language)
    try:
        office = open_office(home)
    except QuayDienError as error:
        said = error.diagnosis(language)
        yield Check(name, "failed", f"{said.title}: {said.cause}", said.advice)
        return
    yield Check(name, "ok", f"{home / settings.FILE_NAME}: {office.settings.branch.code} {office.settings.branch.name}")
    examiner = Examiner(office, language)
    try:
        for subject, look in _CHECKS.items():
            try:
                yield from look(examiner)
            except QuayDienError as error:
                yield examiner.failed(subject, error)
    finally:
        close_office(office)


def _modules(examiner: Examiner) -> Iterator[Check]:
    modules = examiner.office.settings.signing.modules
    if not modules:
        yield examiner.check("modules", "warning", "modules_none")
    for module in modules:
        state: State = "ok" if module.path.is_file() else "failed"
        vendor = vendor_of(module.path)
        facts = {"path": module.path, "vendor": vendor.name if vendor else module.id}
        yield examiner.check("modules", state, "module_found" if state == "ok" else "module_missing", **facts)
        if vendor is not None and vendor.kind == "software" and not examiner.office.settings.branch.practice:
            yield examiner.check("modules", "warning", "module_soft", path=module.path)


def _tokens(examiner: Examiner) -> Iterator[Check]:
    for module, signer in examiner.office.signers.items():
        try:
            tokens = signer.tokens()
        except QuayDienError as error:
            yield examiner.failed("tokens", error)
            continue
        if not tokens:
            yield examiner.check("tokens", "warning", "token_none", module=module)
        for token in tokens:
            if token.pin_locked:
                yield examiner.check("tokens", "failed", "token_locked", token=token.label)
            elif token.pin_final_try or token.pin_count_low:
                yield examiner.check("tokens", "warning", "token_few_tries", token=token.label)
            else:
                yield examiner.check("tokens", "ok", "token_ready", token=token.label, serial=token.serial)


def _keys(examiner: Examiner) -> Iterator[Check]:
    for name, pool in examiner.office.signers.items():
        if not isinstance(pool, SignerPool):
            continue
        health = pool.check()
        ready = sum(member.ready for member in health)
        problem = next((member.problem for member in health if member.problem), "–")
        state: State = "ok" if ready == len(health) else "warning" if ready else "failed"
        key = "key_ready" if state == "ok" else "key_not_ready"
        yield examiner.check("keys", state, key, name=name, ready=ready, all=len(health), problem=problem)


def _certificates(examiner: Examiner) -> Iterator[Check]:
    now = clock.now()
    for signer in examiner.office.signers.values():
        for certificate in signer.certificates():
            info = describe(certificate.der)
            if not info.uid:
                continue
            facts = {"name": info.name, "until": f"{clock.local(info.until):%d/%m/%Y}"}
            if info.until < now:
                yield examiner.check("certificates", "failed", "certificate_expired", **facts)
            elif info.until < now + EXPIRES_SOON:
                yield examiner.check("certificates", "warning", "certificate_soon", **facts)
            else:
                yield examiner.check("certificates", "ok", "certificate_valid", **facts)


def _trust(examiner: Examiner) -> Iterator[Check]:
    chosen, now = examiner.office.settings, clock.now()
    store = read_store(chosen.trust)
    roots = [one for one in store.certificates if one.root]
    state: State = "ok" if roots else "failed"
    key = "trust_present" if roots else "trust_none"
    yield examiner.check("trust", state, key, roots=len(roots), lists=len(store.lists), folder=store.folder)
    for one in store.certificates:
        facts = {"name": one.info.name, "until": clock.day(one.info.until)}
        if one.practice and not chosen.branch.practice:
            yield examiner.check("trust", "failed", "trust_practice", **facts)
        elif one.state(now) == "expired":
            yield examiner.check("trust", "warning", "trust_expired", **facts)
    for late in (one for one in store.lists if one.until and one.until < now):
        until = clock.shown(late.until) if late.until else ""
        yield examiner.check("trust", "warning", "trust_list_late", issuer=late.issuer, until=until)


def _clock(examiner: Examiner) -> Iterator[Check]:
    tool = shutil.which("timedatectl")
    if tool is None:
        yield examiner.check("clock", "warning", "clock_unknown", now=f"{clock.local(clock.now()):%d/%m/%Y %H:%M:%S}")
        return
    answer = subprocess.run(
        [tool, "show", "--property=NTPSynchronized", "--value"], capture_output=True, text=True, timeout=10, check=False
    )
    synchronised = answer.stdout.strip() == "yes"
    key = "clock_right" if synchronised else "clock_unknown"
    yield examiner.check(
        "clock", "ok" if synchronised else "warning", key, now=f"{clock.local(clock.now()):%d/%m/%Y %H:%M:%S}"
    )


def _database(examiner: Examiner) -> Iterator[Check]:
    engine = examiner.office.engine
    found = schema.status(engine)
    state: State = "ok" if found.up_to_date else "failed"
    key = "database_right" if found.up_to_date else "database_behind"
    yield examiner.check(
        "database", state, key, kind=engine.dialect.name, current=found.current or "–", newest=found.newest
    )


def _files(examiner: Examiner) -> Iterator[Check]:
    home = examiner.office.settings.home
    free = shutil.disk_usage(home).free
    facts = {"folder": home, "free": f"{free / 1e9:.1f}".replace(".", ",")}
    if not os.access(home, os.W_OK):
        yield examiner.check("files", "failed", "files_read_only", **facts)
    elif free < FREE_BYTES:
        yield examiner.check("files", "warning", "files_little_room", **facts)
    else:
        yield examiner.check("files", "ok", "files_room", **facts)


def _shut(examiner: Examiner, subject: str, error: AdapterUnavailable) -> Check:
    """Return the check of a system that does not answer: a practice branch's run only while it is open."""
    return examiner.shut(subject) or examiner.failed(subject, error)


def _cmis(examiner: Examiner) -> Iterator[Check]:
    try:
        requests = examiner.office.cmis.received_requests(examiner.office.unit)
    except AdapterUnavailable as error:
        yield _shut(examiner, "cmis", error)
        return
    url = examiner.office.settings.cmis.options.get("base_url", "")
    yield examiner.check("cmis", "ok", "cmis_answers", url=url, count=len(requests))


def _sms(examiner: Examiner) -> Iterator[Check]:
    url = examiner.office.settings.sms.options.get("url", "")
    try:
        examiner.office.sms.find("doctor")
    except AdapterRefused:
        # a gateway without a status page can only be proved by sending
        yield examiner.check("sms", "warning", "sms_unproved", url=url)
        return
    except AdapterUnavailable as error:
        yield _shut(examiner, "sms", error)
        return
    yield examiner.check("sms", "ok", "sms_answers", url=url)


def _deliveries(examiner: Examiner) -> Iterator[Check]:
    with examiner.office.work(reading=True) as work:
        waiting, failed = outgoing.waiting(work.session), outgoing.failed(work.session)
    if failed:
        yield examiner.check("deliveries", "failed", "deliveries_failed", count=len(failed), first=failed[0])
    else:
        yield examiner.check("deliveries", "ok", "deliveries_right", count=waiting)


def _archive(examiner: Examiner) -> Iterator[Check]:
    found = archive(examiner.office)
    stuck = [one for one in found if one.detail]
    facts = {"count": len(stuck), "first": f"{stuck[0].number}: {stuck[0].detail}"} if stuck else {}
    if overdue := sum(one.overdue for one in found):
        yield examiner.check("archive", "failed", "archive_overdue", count=overdue)
    if stuck:
        yield examiner.check("archive", "warning", "archive_stuck", **facts)
    elif not overdue:
        reached = sum(one.state == "reached" for one in found)
        yield examiner.check("archive", "ok", "archive_right", count=len(found), reached=reached)


def _plugins(examiner: Examiner) -> Iterator[Check]:
    for plugin in examiner.office.registry.plugins:
        if plugin.state not in ("ok", "disabled"):
            yield examiner.check("plugins", "failed", "plugin_broken", id=plugin.id, reason=plugin.reason)
    usable = sum(plugin.state == "ok" for plugin in examiner.office.registry.plugins)
    yield examiner.check("plugins", "ok", "plugins_usable", count=usable)


def _fonts(examiner: Examiner) -> Iterator[Check]:
    yield examiner.check("fonts", "ok", "fonts_used", font=families("machine")[0])


def _audit(examiner: Examiner) -> Iterator[Check]:
    with UnitOfWork(examiner.office.engine, reading=True) as work:
        rows = audit_chain(work)
    broken = audit.breaks(rows)
    if broken:
        yield examiner.check("audit", "failed", "audit_broken", row=broken[0].sequence)
    else:
        yield examiner.check("audit", "ok", "audit_intact", rows=len(rows))


_CHECKS: dict[str, Callable[[Examiner], Iterator[Check]]] = {
    "modules": _modules,
    "tokens": _tokens,
    "keys": _keys,
    "certificates": _certificates,
    "trust": _trust,
    "clock": _clock,
    "database": _database,
    "files": _files,
    "cmis": _cmis,
    "sms": _sms,
    "tsa": examine_time_stamps,
    "revocation": examine_revocation,
    "remote": examine_remote,
    "deliveries": _deliveries,
    "archive": _archive,
    "plugins": _plugins,
    "fonts": _fonts,
    "audit": _audit,
}
