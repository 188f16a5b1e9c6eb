"""A practice token whose file SoftHSM left empty when it was killed."""

from __future__ import annotations

from pathlib import Path

from console.practice.spare import keep_spares


def test_an_empty_token_file_is_mended(home: Path) -> None:
    keep_spares(home)
    tokens = sorted((home / "practice/softhsm/tokens").glob("*/token.object"))
    contents = [token.read_bytes() for token in tokens]
    assert len(tokens) == 4
    tokens[0].write_bytes(b"")
    tokens[1].unlink()
    keep_spares(home)
    assert [token.read_bytes() for token in tokens] == contents
    assert sorted((home / "practice/softhsm/tokens").glob("*/*.new")) == []
