"""The message catalogue: one TOML file an area in `vi/`, and its complete twin in `en/`.

A key is `area.name.part`: the file `area.toml`, the table `name`, the entry `part`. Placeholders are `{fact}`.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kernel.api.text import Language


@cache
def area(name: str, language: Language) -> Mapping[str, Any]:
    """Return one area of the catalogue as nested tables. Raises KeyError for an area that does not exist."""
    source = files(__name__).joinpath(language, f"{name}.toml")
    if not source.is_file():
        raise KeyError(name)
    return tomllib.loads(source.read_text("utf-8"))


def message(key: str, language: Language, /, **facts: object) -> str:
    """Return the text of `key` with its facts filled in. Raises KeyError for an unknown key or a missing fact."""
    name, *path = key.split(".")
    found: Any = area(name, language)
    for part in path:
        found = found[part]
    if not isinstance(found, str):
        raise KeyError(key)
    return found.format_map(facts) if facts or "{" in found else found
