"""Records and rows: what is written comes back, what is not committed never was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, text
from sqlmodel import SQLModel, select

from kernel.api.documents import Purpose
from kernel.api.fields import Kind
from kernel.api.text import nfc
from kernel.audit import breaks
from kernel.dossier.records import DocumentState, Dossier, DossierDocument, DossierState, Filled, StepDone, Wait
from kernel.errors import DatabaseUnavailable, NotFound, StaleVersion, StorageFull
from kernel.storage import documents, dossiers, schema
from kernel.storage.engine import open_engine
from kernel.storage.tables import DossierRow, DraftRow
from kernel.storage.unit_of_work import UnitOfWork, audit_chain, audit_length
from plugins.services.cap_dien_ha_ap import SERVICE
from tests.said import said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from kernel.api.fields import Field, Value

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    made = open_engine(f"sqlite:///{tmp_path_factory.mktemp('db') / 'quaydien.db'}")
    SQLModel.metadata.create_all(made)
    yield made
    made.dispose()


@pytest.fixture
def work(engine: Engine) -> Iterator[UnitOfWork]:
    """A unit of work nobody commits."""
    with UnitOfWork(engine) as begun:
        yield begun


def a_dossier(**changes: object) -> Dossier:
    plain = Dossier(
        id="d1", code="GC1", unit="PD0500", service=SERVICE.id, variant="sinh_hoat", step="tiep_nhan",
        state=DossierState.OPEN, values={}, papers={}, history=(), waits=(), version=1,
        received_at=NOW, step_began=NOW, due_at=None,
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]  # attributes by name


def a_document(**changes: object) -> DossierDocument:
    plain = DossierDocument(
        id="v1", dossier="d1", type="hop_dong_mua_ban_dien", variant="sinh_hoat", number="26/1", edition=1,
        state=DocumentState.DRAWN, pages=7, base_sha256="a" * 64, base_length=1, sha256="a" * 64, level="",
        filled=(), drawn_at=NOW,
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]  # attributes by name


WORDS = st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyÁẢẠẶẪỆỘỢỮỶĐ 0123456789'\"\\{}[]<>&%_\u0300\u0323🔌", max_size=40).map(nfc)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


def values_of(field: Field) -> st.SearchStrategy[Value]:
    match field.kind:
        case Kind.DATE:
            return st.dates(date(1900, 1, 1), date(2199, 12, 31))
        case Kind.DECIMAL:
            return st.decimals(allow_nan=False, allow_infinity=False, places=3)
        case Kind.INTEGER | Kind.MONEY:
            return st.integers(-(2**62), 2**62)
        case Kind.YES_NO:
            return st.booleans()
        case _:
            return WORDS


VALUES = st.fixed_dictionaries({}, optional={field.id: values_of(field) for field in SERVICE.fields()})
STEPS = st.lists(st.builds(StepDone, WORDS, MOMENTS, MOMENTS, WORDS, WORDS), max_size=3).map(tuple)
WAITS = st.lists(st.builds(Wait, MOMENTS, st.none() | MOMENTS), max_size=2).map(tuple)
DOSSIERS = st.builds(
    a_dossier,
    code=WORDS,
    state=st.sampled_from(DossierState),
    values=VALUES,
    papers=st.dictionaries(WORDS, st.sampled_from(["received", "later"]), max_size=3),
    history=STEPS,
    waits=WAITS,
    received_at=MOMENTS,
    step_began=MOMENTS,
    due_at=st.none() | MOMENTS,
    holder=WORDS,
    held_since=st.none() | MOMENTS,
)
FILLED = st.builds(
    Filled, WORDS, st.sampled_from(Purpose), st.sampled_from(["consent", "signature"]), WORDS, MOMENTS, WORDS
)
DRAWN = st.builds(
    a_document,
    number=WORDS,
    state=st.sampled_from(DocumentState),
    filled=st.lists(FILLED, max_size=3).map(tuple),
    drawn_at=MOMENTS,
    placed=st.lists(st.fixed_dictionaries({"text": WORDS, "page": st.integers(1, 9)}), max_size=2).map(tuple),
    boxes=st.lists(st.fixed_dictionaries({"x": st.floats(0, 600)}), max_size=2).map(tuple),
)
EASY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@EASY
@given(DOSSIERS)
def test_a_dossier_comes_back_as_it_was(engine: Engine, dossier: Dossier) -> None:
    with UnitOfWork(engine) as work:
        dossiers.add(work.session, dossier, NOW)
        work.session.expire_all()
        assert dossiers.get(work.session, dossier.id, SERVICE) == dossier
        saved = dossiers.save(work.session, dossier, NOW)
        assert saved == replace(dossier, version=2)
        assert dossiers.get(work.session, dossier.id, SERVICE) == saved


@EASY
@given(DRAWN)
def test_a_document_comes_back_as_it_was(engine: Engine, document: DossierDocument) -> None:
    with UnitOfWork(engine) as work:
        documents.put(work.session, document)
        work.session.expire_all()
        assert documents.get(work.session, document.id) == document
        assert documents.of_dossier(work.session, document.dossier) == (document,)


@EASY
@given(st.dictionaries(WORDS, WORDS, max_size=5))
def test_a_draft_comes_back_as_it_was(engine: Engine, typed: dict[str, str]) -> None:
    with UnitOfWork(engine) as work:
        dossiers.put_draft(work.session, "d1", "nga", typed, NOW)
        work.session.flush()
        work.session.expire_all()
        assert dossiers.draft(work.session, "d1", "nga") == dossiers.Draft(typed, NOW)
        assert dossiers.draft(work.session, "d1", "hong") is None
        dossiers.drop_draft(work.session, "d1", "nga")
        work.session.flush()
        assert dossiers.draft(work.session, "d1", "nga") is None


def test_what_is_not_committed_never_was(engine: Engine) -> None:
    with UnitOfWork(engine) as work:
        dossiers.add(work.session, a_dossier(), NOW)
        work.record(unit="PD0500", actor="nga", action="x", subject="d1")
    with pytest.raises(RuntimeError), UnitOfWork(engine) as work:
        dossiers.add(work.session, a_dossier(), NOW)
        raise RuntimeError
    with UnitOfWork(engine, reading=True) as work:
        assert work.session.exec(select(DossierRow)).all() == []
        assert audit_length(work) == 0
        with pytest.raises(NotFound) as missing:
            dossiers.get(work.session, "d1", SERVICE)
        said(missing.value)
        with pytest.raises(NotFound):
            dossiers.service_of(work.session, "d1")
        with pytest.raises(NotFound):
            documents.get(work.session, "v1")
        with pytest.raises(NotFound) as missing:
            work.row(DossierRow, "d1")
        said(missing.value)


def test_of_two_savers_the_later_is_told(work: UnitOfWork) -> None:
    dossier = a_dossier(holder="không còn ai")
    dossiers.add(work.session, dossier, NOW)
    dossiers.save(work.session, dossier, NOW)
    with pytest.raises(StaleVersion) as stale:
        dossiers.save(work.session, dossier, NOW)
    assert "Người khác" in said(stale.value)


def test_a_code_is_given_without_disturbing_who_types(work: UnitOfWork) -> None:
    dossier = a_dossier(code="TAM-0A1B2C3D", state=DossierState.WAITING_CMIS, holder="nga", held_since=NOW)
    dossiers.add(work.session, dossier, NOW)
    dossiers.give_code(work.session, dossier.id, "GC77", DossierState.OPEN)
    dossiers.give_number(work.session, dossier.id, "so_hop_dong", "26/000123")
    found = dossiers.get(work.session, dossier.id, SERVICE)
    assert (found.code, found.state, found.version) == ("GC77", DossierState.OPEN, 1)
    assert found.values["so_hop_dong"] == "26/000123"
    assert found_by(work, "gc77") == ["d1"]
    assert found_by(work, "tam-0a1b2c3d") == []


def found_by(work: UnitOfWork, words: str) -> list[str]:
    return [line.id for line in dossiers.page(work.session, dossiers.with_words(words), 0, 100)[0]]


@pytest.mark.parametrize(
    "words",
    [
        "nguyen", "NGUYỄN", "nguyễn thị", "thi nguyen", "lap lanh", "Điện Biên", "dien bien", "đức", "duc",
        "guye", "0900000001", "000001", "0900 000 001", "+84900000001", "84900", "gc39", "GC3957601", "57601",
        "001192000001", "PD05000131265", "cto-99", "n\u0067uye\u0302\u0303n",
    ],
)  # fmt: skip
def test_found_by_any_part_without_accents(work: UnitOfWork, words: str) -> None:
    values = {
        "ten_khach_hang": "Nguyễn Thị Lấp Lánh Đức",
        "dien_thoai": "+84900000001",
        "so_giay_to": "001192000001",
        "ma_khach_hang": "PD05000131265",
        "dia_chi_dung_dien": "Số 8 phố Điện Biên Phủ",
        "treo_so_cong_to": "CTO-99",
    }
    dossiers.add(work.session, a_dossier(code="GC3957601", values=values), NOW)
    dossiers.add(work.session, a_dossier(id="d2", code="GC8", values={"ten_khach_hang": "Trần Ỷ Lan"}), NOW)
    assert found_by(work, words) == ["d1"]


@pytest.mark.parametrize("words", ["%", "_", "\\", "'", "nguyen%thi", "x' OR '1'='1", "nguyen tran", "🔌"])
def test_what_is_searched_is_never_a_pattern(work: UnitOfWork, words: str) -> None:
    values = {"ten_khach_hang": "Nguyễn Thị Ánh"}
    dossiers.add(work.session, a_dossier(values=values), NOW)
    assert found_by(work, words) == []
    assert found_by(work, "") == ["d1"]


def test_the_queue_shows_the_most_urgent_first_page_by_page(work: UnitOfWork) -> None:
    dues = [NOW + timedelta(hours=number * 7 % 20) for number in range(20)]
    for number, due in enumerate(dues):
        late = None if number in {3, 11} else due
        state = DossierState.CLOSED if number == 5 else DossierState.OPEN
        dossiers.add(work.session, a_dossier(id=f"d{number}", code=f"GC{number}", due_at=late, state=state), NOW)
    dossiers.add(work.session, a_dossier(id="khac", code="GC1", unit="PD0600", due_at=NOW), NOW)
    seen: list[dossiers.Line] = []
    for offset in range(0, 25, 6):
        lines, total = dossiers.page(work.session, dossiers.live("PD0500"), offset, 6)
        assert total == 19
        seen += lines
    assert len({line.id for line in seen}) == 19
    assert [line.due_at for line in seen[:-2]] == sorted(line.due_at for line in seen[:-2] if line.due_at)
    assert {line.id for line in seen[-2:]} == {"d3", "d11"}
    overdue = [*dossiers.live("PD0500"), dossiers.due_before(NOW + timedelta(hours=3))]
    assert dossiers.count(work.session, overdue) == 2
    assert dossiers.count(work.session, [dossiers.at_steps(())]) == 0


def test_one_code_a_unit(engine: Engine) -> None:
    with pytest.raises(DatabaseUnavailable) as twice, UnitOfWork(engine) as work:
        dossiers.add(work.session, a_dossier(id="a"), NOW)
        dossiers.add(work.session, a_dossier(id="b"), NOW)
    said(twice.value)


def test_a_naive_moment_is_refused(engine: Engine) -> None:
    with pytest.raises(DatabaseUnavailable), UnitOfWork(engine) as work:
        work.session.add(DraftRow(dossier="d", staff="s", typed={}, at=datetime(2026, 1, 1)))  # the point
        work.session.flush()


def test_every_commit_carries_its_audit_rows(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    SQLModel.metadata.create_all(engine)
    for number in range(3):
        with UnitOfWork(engine) as work:
            work.record(unit="PD0500", actor="nga", action="a", subject="d", số=number, chữ="Ữ")
            work.record(unit="PD0500", actor="nga", action="b", subject="d")
            work.commit()
    with UnitOfWork(engine, reading=True) as work:
        rows = audit_chain(work)
    assert [row.sequence for row in rows] == [1, 2, 3, 4, 5, 6]
    assert breaks(rows) == []
    with engine.connect() as connection:
        connection.execute(text("UPDATE audit SET actor = 'duc' WHERE sequence = 3"))
        connection.execute(text("DELETE FROM audit WHERE sequence = 5"))
        connection.commit()
    with UnitOfWork(engine, reading=True) as work:
        assert {one.sequence for one in breaks(audit_chain(work))} == {3, 6}
    engine.dispose()


def test_the_schema_goes_up_and_down_and_is_what_the_tables_say(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'm.db'}")
    assert schema.status(engine) == schema.SchemaStatus("", "0004")
    schema.upgrade(engine)
    assert schema.status(engine).up_to_date
    ours = set(SQLModel.metadata.tables)
    with engine.connect() as connection:
        differences = [
            one
            for one in compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
            if not (one[0] == "remove_table" and one[1].name not in ours)
            and not (one[0] == "remove_index" and one[1].table.name not in ours)
        ]
    assert differences == []
    schema.upgrade(engine)
    for target in ("0001", "base"):
        config = schema._script_config("kernel/storage/migrations")
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, target)
    assert not ours & set(inspect(engine).get_table_names())
    assert schema.status(engine).current == ""
    engine.dispose()


@pytest.mark.parametrize(
    "url", ["sqlite:////không/có/ở/đâu.db", "lạ://x", "postgresql+psycopg://ai:bí-mật@127.0.0.1:9/x"]
)
def test_a_database_that_cannot_be_opened(url: str) -> None:
    with pytest.raises(DatabaseUnavailable) as gone:
        open_engine(url)
    words = said(gone.value)
    assert "bí-mật" not in words


def test_a_database_without_tables(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'trống.db'}")
    with pytest.raises(DatabaseUnavailable) as empty, UnitOfWork(engine) as work:
        dossiers.service_of(work.session, "d")
    said(empty.value)
    engine.dispose()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("đây không phải cơ sở dữ liệu " * 200, "utf-8")
    with pytest.raises(DatabaseUnavailable) as odd:
        open_engine(f"sqlite:///{tmp_path / 'x.db'}")
    said(odd.value)


def test_a_full_disk_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    import resource

    engine = open_engine(f"sqlite:///{tmp_path / 'f.db'}")
    SQLModel.metadata.create_all(engine)
    with UnitOfWork(engine) as work:
        dossiers.add(work.session, a_dossier(), NOW)
        work.commit()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        with pytest.raises(StorageFull) as full, UnitOfWork(engine) as work:
            big = {"ghi_chu_khao_sat": "Ữ" * 500_000}
            dossiers.save(work.session, a_dossier(values=big), NOW)
            work.commit()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    said(full.value)
    with UnitOfWork(engine) as work:
        assert dossiers.get(work.session, "d1", SERVICE) == a_dossier()
        dossiers.save(work.session, a_dossier(), NOW)
        work.commit()
    engine.dispose()
