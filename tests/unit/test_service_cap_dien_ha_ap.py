from __future__ import annotations

import subprocess
import sys
import unicodedata
from datetime import date

from kernel.api import vocabulary as v
from kernel.api.conditions import When
from kernel.api.reading import read
from kernel.api.services import Step
from kernel.dossier.deadlines import target
from plugins.services.cap_dien_ha_ap import SERVICE


def test_every_path_reaches_an_end_and_every_step_is_on_one() -> None:
    seen: set[str] = set()
    ends: set[str] = set()

    def walk(step: Step, path: tuple[str, ...]) -> None:
        assert step.id not in path, f"circle: {path}"
        seen.add(step.id)
        if not step.next:
            ends.add(step.id)
        for following in step.next:
            walk(SERVICE.step(following), (*path, step.id))

    walk(SERVICE.steps[0], ())
    assert seen == {step.id for step in SERVICE.steps}
    assert ends == {"ket_thuc"}


def test_the_usual_way_has_the_codes_of_cmis() -> None:
    step, codes = SERVICE.steps[0], []
    while step.next:
        codes.append(step.cmis_code)
        step = SERVICE.step(step.next[0])
    assert [*codes, step.cmis_code] == ["TN", "PK", "KS", "DHD", "PC", "TC", "BTT", "HT", "KT"]


def test_every_section_is_filled_in_exactly_one_step() -> None:
    filled = [section for step in SERVICE.steps for section in step.sections]
    assert sorted(filled) == sorted(section.id for section in SERVICE.sections)
    names = [field.id for field in SERVICE.fields()]
    assert len(names) == len(set(names))


def test_every_document_is_drawn_once() -> None:
    assert [draw.document for draw in SERVICE.draws()] == ["hop_dong_mua_ban_dien", "bien_ban_treo_thao"]


def test_conditions_name_fields_and_answers_that_exist() -> None:
    fields = {field.id: field for field in SERVICE.fields()}
    conditions = [field.when for field in SERVICE.fields()] + [row.when for row in SERVICE.deadlines]
    for when in conditions:
        if isinstance(when, When):
            field = fields[when.field]
            codes = {choice.code for choice in field.choices} or {"True", "False"}
            assert set(when.values) <= codes


def test_a_household_pays_household_prices_at_low_voltage() -> None:
    fields = {field.id: field for field in SERVICE.fields()}
    assert read(fields["muc_dich"], "KDDV").value is None
    assert read(fields["cap_dien_ap"], "22 kV").value is None
    assert all(read(field, field.default).ok for field in fields.values())
    assert v.MUC_DICH.choices != fields["muc_dich"].choices


def test_words_are_complete_and_composed() -> None:
    titles = [
        SERVICE.title,
        *(variant.title for variant in SERVICE.variants),
        *(section.title for section in SERVICE.sections),
        *(paper.title for paper in SERVICE.papers),
        *(step.title for step in SERVICE.steps),
        *(obstacle.title for step in SERVICE.steps for obstacle in step.obstacles),
    ]
    assert all(title.vi and title.en and unicodedata.is_normalized("NFC", title.vi) for title in titles)
    codes = [obstacle.code for step in SERVICE.steps for obstacle in step.obstacles]
    assert len(codes) == len(set(codes))


def test_targets_by_generation_and_condition() -> None:
    def days(received: date, **values: str | bool) -> int:
        row = target(SERVICE, received, values)
        assert row is not None
        return row.working_days

    old, new = date(2020, 6, 1), date(2026, 11, 2)
    assert days(old, khu_vuc="thanh_thi") == 3
    assert days(old, khu_vuc="nong_thon") == days(old) == 5
    assert days(old, khu_vuc="thanh_thi", them_luoi=True) == 7
    assert days(new, khu_vuc="thanh_thi", them_luoi=False) == 5
    assert days(new, them_luoi=True) == 7
    assert target(SERVICE, date(2016, 1, 1), {}) is None


def test_it_loads_without_anything_heavy() -> None:
    code = (
        "import sys, plugins.services.cap_dien_ha_ap\n"
        "own = sorted(name for name in sys.modules if name.partition('.')[0] in {'kernel', 'plugins'})\n"
        "print([name for name in own if not name.startswith(('kernel.api', 'plugins.services'))])\n"
        "print([name for name in ('sqlmodel', 'pyhanko', 'textual', 'typst', 'httpx') if name in sys.modules])\n"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.splitlines() == ["['kernel', 'plugins']", "[]"]
