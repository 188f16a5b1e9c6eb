"""The real console over the desk in memory, with two keys for the tests: Ctrl+O writes down what the fields hold,
Ctrl+G empties them. Arguments: the file for the fields, optionally the file that keeps drafts,
and `table` for a form with a table."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from console.keys import prepare_terminal

if TYPE_CHECKING:
    from console.desk import Desk


def main() -> int:
    prepare_terminal()
    from textual.binding import Binding

    from console.app import ConsoleApp
    from console.widgets.fields import TextField

    values = Path(sys.argv[1])
    drafts = Path(sys.argv[2]) if len(sys.argv) > 2 else None

    class Driven(ConsoleApp):
        BINDINGS = [  # noqa: RUF012 - Textual reads it so
            Binding("ctrl+o", "write_values", show=False),
            Binding("ctrl+g", "empty", show=False),
        ]

        def action_write_values(self) -> None:
            fields = {field.id or "": field.value for field in self.screen.query(TextField)}
            facts = {
                "screen": type(self.screen).__name__,
                "fields": fields,
                "focused": getattr(self.focused, "id", None),
            }
            new = values.with_suffix(".new")
            new.write_text(json.dumps(facts, ensure_ascii=False), "utf-8")
            new.replace(values)

        def action_empty(self) -> None:
            for field in self.screen.query(TextField):
                field.value = ""
            self.screen.set_focus(self.screen.query(TextField).first())

    def make() -> Desk:
        from tests.fake_desk import FakeDesk
        from tests.fake_service import TABLE_SERVICE

        desk = FakeDesk(drafts=drafts)
        if "table" in sys.argv[3:]:
            desk.service = TABLE_SERVICE
        return desk

    app = Driven(make, "vi", None, reports=values.parent / "reports")
    app.run()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main())
