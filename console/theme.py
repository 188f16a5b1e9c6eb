"""The console's colours. Every text stands out from its ground by at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

from textual.theme import Theme

BACKGROUND = "#0f1720"
SURFACE = "#16212d"
PANEL = "#1f2f40"
FOREGROUND = "#e8eef4"
MUTED = "#a9b8c6"
PRIMARY = "#7cc4ff"
ACCENT = "#ffd166"
SUCCESS = "#7ee0a1"
WARNING = "#ffc46b"
ERROR = "#ff9a9a"
CHOSEN = "#1f4570"

THEME = Theme(
    name="quaydien",
    primary=PRIMARY,
    secondary=PRIMARY,
    accent=ACCENT,
    warning=WARNING,
    error=ERROR,
    success=SUCCESS,
    foreground=FOREGROUND,
    background=BACKGROUND,
    surface=SURFACE,
    panel=PANEL,
    dark=True,
    variables={
        "muted": MUTED,
        "chosen": CHOSEN,
        "text-disabled": MUTED,
        "text-muted": MUTED,
        "input-cursor-background": ACCENT,
        "input-cursor-foreground": BACKGROUND,
        "input-selection-background": CHOSEN,
        "input-selection-foreground": FOREGROUND,
        "block-cursor-background": CHOSEN,
        "block-cursor-foreground": FOREGROUND,
    },
)
