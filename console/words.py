"""The words of the screens, from the catalogue `console.toml`, in the language of this console."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.api.messages import message

if TYPE_CHECKING:
    from kernel.api.text import Language


class Words:
    """`words("queue.title")` is the text of that key; facts fill its placeholders."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language

    def __call__(self, key: str, **facts: object) -> str:
        return message(f"console.{key}", self.language, **facts)
