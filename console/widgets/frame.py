"""The frame every screen has: the top line, the error that stays, the message line and the key line."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.style import Style
from textual.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from console.desk import TokenState
    from console.words import Words
    from kernel.api.errors import Diagnosis

SIGNS = {"unlocked": "●", "present": "◆", "absent": "○", "module_missing": "✗", "final_try": "!", "locked": "✗"}
"""One cell for each state, from the best to the worst."""


def token_words(tokens: Sequence[TokenState], words: Words, width: int) -> str:
    """Return the state of all tokens in words, in at most `width` cells where that is possible."""
    if not tokens:
        return f"{SIGNS['absent']} {words('token.none')}"
    states = []
    for token in tokens:
        state = words(f"token.{token.presence}")
        if token.tries_left is not None and token.presence in ("present", "unlocked", "final_try"):
            state += ", " + words("token.tries", tries=token.tries_left)
        states.append((SIGNS[token.presence], token.owner or token.label, state))
    named = [f"{sign} {name}: {state}" if name else f"{sign} {state}" for sign, name, state in states]
    texts = [f"Token {'  '.join(named)}", "  ".join(named)]
    if len(tokens) == 1:
        texts.append(f"{states[0][0]} Token: {states[0][2]}")
    for text in texts:
        if cell_len(text) <= width:
            return text
    order = list(SIGNS)
    counts = Counter(token.presence for token in tokens)
    worst_first = sorted(counts, key=order.index, reverse=True)
    parts = [f"{SIGNS[presence]} {counts[presence]} {words(f'token.{presence}')}" for presence in worst_first]
    return f"Token {'  '.join(parts)}"


def token_changes(before: Sequence[TokenState], after: Sequence[TokenState], words: Words) -> Iterator[tuple[str, str]]:
    """Yield (text, sign) for every token that came, went or changed its state."""
    old = {token.serial: token for token in before}
    new = {token.serial: token for token in after}
    for serial, token in (old | new).items():
        presence = token.presence if serial in new else "absent"
        if serial not in old or old[serial].presence != presence:
            name = token.owner or token.label or serial
            sign = "!" if presence in ("absent", "locked", "module_missing", "final_try") else ""
            yield words("token.changed", name=name, state=words(f"token.{presence}")), sign


class TopLine(Widget):
    """Where one is, which branch, who works here, the state of the tokens, the time."""

    DEFAULT_CSS = "TopLine { height: 1; background: $panel; color: $foreground; padding: 0 1; }"

    def __init__(self, where: str, words: Words) -> None:
        super().__init__()
        self.where = where
        self._words = words
        self._branch = ""
        self._branch_name = ""
        self._clerk = ""
        self._tokens: tuple[TokenState, ...] | None = None
        self._clock = ""

    def show(
        self,
        *,
        branch: str,
        branch_name: str,
        clerk: str,
        tokens: tuple[TokenState, ...] | None,
        clock: str,
    ) -> None:
        """Show these facts. `tokens` is None while the device watch has not answered yet."""
        self._branch, self._branch_name, self._clerk = branch, branch_name, clerk
        self._tokens, self._clock = tokens, clock
        self.refresh()

    def render(self) -> Content:
        width = self.size.width
        if width <= 0:
            return Content("")
        if self._tokens is None:
            token = f"… {self._words('token.asking')}"
        else:
            token = token_words(self._tokens, self._words, max(18, width // 2 - 10))
        right = f"{token}  {self._clock}".rstrip()
        room = width - cell_len(right) - 2
        branch = f"{self._branch} {self._branch_name}".strip()
        for parts in (
            ["Quầy Điện", branch, self.where, self._clerk],
            [branch, self.where, self._clerk],
            [self._branch, self.where, self._clerk],
            [self._branch, self.where],
            [self.where],
        ):
            left = " · ".join(part for part in parts if part)
            if cell_len(left) <= room:
                break
        left_content = Content.styled(left, "bold").truncate(max(0, room), ellipsis=True)
        return Content.assemble(
            left_content.pad_right(max(0, width - left_content.cell_length - cell_len(right))), right
        )


class MessageLine(Widget):
    """What just happened and what to do next: one line, two where it must. It stays until the next message."""

    DEFAULT_CSS = """
    MessageLine { height: 1; background: $surface; color: $foreground; padding: 0 1; }
    MessageLine.-long { height: 2; }
    MessageLine.-wrong { color: $error; }
    MessageLine.-doubtful { color: $warning; }
    MessageLine.-good { color: $success; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.aside = ""

    def say(self, text: str, sign: str = "") -> None:
        """Show `text`; `sign` is `!` for what is wrong, `?` for what is doubtful and `✓` for what is done."""
        self.set_class(sign == "!", "-wrong")
        self.set_class(sign == "?", "-doubtful")
        self.set_class(sign == "✓", "-good")
        self.text = f"{sign} {text}" if sign else text
        self.on_resize()
        self.refresh()

    def on_resize(self) -> None:
        """Take a second line for a message that is too long for one."""
        self.set_class(0 < self.size.width < cell_len(self.text), "-long")

    def note(self, text: str) -> None:
        """Show `text` at the right end: when the draft was kept."""
        self.aside = text
        self.refresh()

    def render(self) -> Content:
        gap = self.size.width - cell_len(self.text) - cell_len(self.aside)
        if gap < 1:
            return Content(self.text)  # the message is worth more than when the draft was kept
        return Content.assemble(self.text, " " * gap, (self.aside, "$muted"))


class KeyLine(Widget):
    """The keys that work here; each can be clicked too."""

    DEFAULT_CSS = (
        "KeyLine { height: 1; background: $panel; color: $muted; padding: 0 1; link-style: none; link-color: $muted; }"
    )

    def __init__(self, keys: Sequence[tuple[str, str, str]]) -> None:
        super().__init__()
        self._keys = tuple(keys)

    def show(self, keys: Sequence[tuple[str, str, str]]) -> None:
        """Show (cap, words, action) of the keys; the action is run by a click."""
        self._keys = tuple(keys)
        self.refresh()

    def render(self) -> Content:
        full = "  ".join(f"{cap} {words}" for cap, words, _ in self._keys)
        gap = "  " if cell_len(full) <= self.size.width else " "
        parts: list[Content] = []
        for cap, words, action in self._keys:
            click = Style.from_meta({"@click": f"screen.{action}"})
            key = Content.assemble((cap, Style.parse("bold $accent")), " ", words).stylize(click)
            parts.append(key)
        return Content(gap).join(parts).truncate(max(0, self.size.width), ellipsis=True)


class ErrorPanel(Widget):
    """What went wrong, why, and what to do: stays in its place until it is put away."""

    DEFAULT_CSS = """
    ErrorPanel { height: auto; max-height: 7; display: none; background: $surface; padding: 0 1;
                 border: round $error; color: $foreground; }
    ErrorPanel.-shown { display: block; }
    """
    SHOWN: ClassVar[str] = "-shown"

    def __init__(self, close_hint: str) -> None:
        super().__init__()
        self._hint = close_hint
        self.diagnosis: Diagnosis | None = None

    def show(self, diagnosis: Diagnosis | None) -> None:
        """Show `diagnosis`, or nothing."""
        self.diagnosis = diagnosis
        self.set_class(diagnosis is not None, self.SHOWN)
        self.refresh(layout=True)

    def render(self) -> Content:
        if self.diagnosis is None:
            return Content("")
        found = self.diagnosis
        return Content.assemble(
            (f"! {found.title}", Style.parse("bold $error")), f"\n{found.cause}\n→ {found.advice}  ({self._hint})"
        )
