"""The state of the tokens in words, however many there are and however narrow the terminal."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from console.desk import TokenPresence, TokenState
from console.widgets.frame import SIGNS, token_words
from console.words import Words

VI = Words("vi")


def token(presence: TokenPresence, owner: str = "Trần Văn Bình", tries: int | None = None) -> TokenState:
    return TokenState(f"{owner}{presence}", "nhan", presence, tries, owner)


@pytest.mark.parametrize(
    ("presence", "words"),
    [
        ("absent", "không có"),
        ("present", "có"),
        ("locked", "khóa"),
        ("unlocked", "đã mở"),
        ("final_try", "lần cuối"),
        ("module_missing", "thiếu module"),
    ],
)
def test_each_state_has_words_and_a_sign_of_one_cell(presence: TokenPresence, words: str) -> None:
    text = token_words([token(presence)], VI, 60)
    assert words in text
    assert "Trần Văn Bình" in text
    assert cell_len(SIGNS[presence]) == 1


def test_tries_left_are_told_where_they_are_known() -> None:
    assert "còn 2 lần" in token_words([token("present", tries=2)], VI, 60)
    assert "lần" not in token_words([token("present")], VI, 60)


def test_one_token_keeps_its_words_in_a_narrow_line() -> None:
    assert token_words([token("present", tries=3)], VI, 26) == "◆ Token: có, còn 3 lần"


def test_many_tokens_are_counted_by_state_the_worst_first() -> None:
    many = [token("present", owner) for owner in ("Bình", "Cường", "Dung")] + [token("locked", "Đơn vị")]
    assert token_words(many, VI, 30) == "Token ✗ 1 khóa  ◆ 3 có"
    assert "Đơn vị: khóa" in token_words(many, VI, 100)


def test_no_token_is_told_too() -> None:
    assert token_words([], VI, 30) == "○ Token: không có"
