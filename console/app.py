"""The console: opens at once, makes the desk in the background, keeps the clerk's place."""

from __future__ import annotations

import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.binding import Binding

from console import crash
from console.ordered_keys import OrderedKeys
from console.screens.base import Answer, Asking, DeskScreen
from console.screens.login import LoginScreen
from console.theme import THEME
from console.widgets.frame import token_changes
from console.words import Words
from kernel.api.errors import QuayDienError
from kernel.clock import local, now

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from pathlib import Path

    from textual.screen import Screen

    from console.desk import Branch, Desk, Staff, TokenState
    from console.scanner import Scan
    from kernel.api.text import Language

CRASHED = 3
"""Exit code after an error of the program itself."""


class ConsoleApp(OrderedKeys):
    """The clerk's program. `make_desk` runs in a worker thread once the first frame stands."""

    TITLE = "Quầy Điện"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[Any]] = [
        Binding("ctrl+q", "quit", show=False, priority=True),
        Binding("ctrl+c", "say_quit", show=False, system=True),
    ]

    def __init__(
        self,
        make_desk: Callable[[], Desk],
        language: Language,
        practice_hint: str | None,
        *,
        reports: Path | None = None,
        idle_minutes: float = 10,
        environ: os._Environ[str] | dict[str, str] | None = None,
    ) -> None:
        if environ is not None:
            crash.refuse_devtools(environ)
        super().__init__()
        self.words = Words(language)
        self.practice_hint = practice_hint
        self.desk: Future[Desk] = Future()
        """The desk once it is made. Ask for its result in worker threads only: it blocks until then."""
        self.branch: Branch | None = None
        self.staff: Staff | None = None
        self.user = ""
        self.tokens: tuple[TokenState, ...] | None = None
        self.incident: crash.ProgramFailed | None = None
        self._make_desk = make_desk
        self._reports = reports
        self._idle = idle_minutes * 60
        self._last_key = time.monotonic()
        self._asking_tokens = False
        self._quitting = False

    def get_default_screen(self) -> Screen[None]:
        return LoginScreen()

    def on_load(self) -> None:
        self.register_theme(THEME)
        self.theme = THEME.name

    def on_mount(self) -> None:
        self.call_after_refresh(self._start_desk)
        self.set_interval(1.0, self._tick)

    def _start_desk(self) -> None:
        def work() -> None:
            try:
                desk = self._make_desk()
                branch = desk.branch()
            except Exception as error:  # noqa: BLE001 - kept in the future: every question meets it again
                self.desk.set_exception(error)
                self.call_later(self._no_desk, error)
            else:
                self.desk.set_result(desk)
                self.call_later(self._have_desk, branch)

        self.run_worker(work, group="start", thread=True, exit_on_error=False)

    def _have_desk(self, branch: Branch) -> None:
        self.branch = branch
        if branch.idle_minutes is not None:
            self._idle = branch.idle_minutes * 60
        self._tick()

    def _no_desk(self, error: Exception) -> None:
        if isinstance(top := self.screen, Asking):
            self._explain(top, error, None)

    # The desk's answers

    def on_answer(self, answer: Answer) -> None:
        """Hand an answer to the screen that asked, unless it is gone or has asked something newer."""
        asker = answer.asker
        wanted = asker.is_attached and asker.still_asked(answer.group, answer.ticket)
        try:
            if not wanted:
                return
            if answer.error is None:
                answer.then(answer.value)
            else:
                self._explain(asker, answer.error, answer.failed)
        finally:
            if answer.held:
                self.release_keys(forget=answer.error is not None)

    def _explain(self, asker: Asking[Any], error: Exception, failed: Callable[[QuayDienError], None] | None) -> None:
        known = error if isinstance(error, QuayDienError) else crash.report(error, self._reports)
        (failed or asker.fail)(known)

    # Every second

    def _tick(self) -> None:
        if not self.is_running:
            return
        self.look_at_tokens()
        self._refresh_top()
        if self.staff is not None and time.monotonic() - self._last_key > self._idle:
            self.lock()

    def _refresh_top(self) -> None:
        """Bring the top line one sees up to date: under a list or the help it is that of the screen below."""
        below = (screen for screen in reversed(self.screen_stack) if isinstance(screen, DeskScreen))
        if seen := next(below, None):
            seen.refresh_top()

    def look_at_tokens(self) -> None:
        """Ask what the device watch last saw, unless that is being asked already."""
        if self.desk.done() and self.desk.exception() is None and not self._asking_tokens:
            self._asking_tokens = True
            self.run_worker(self._ask_tokens, group="tokens", thread=True, exit_on_error=False)

    def _ask_tokens(self) -> None:
        try:
            tokens = tuple(self.desk.result().tokens())
        except QuayDienError:
            tokens = ()
        except Exception as error:  # noqa: BLE001 - the clerk goes on working; the report tells support
            crash.report(error, self._reports)
            tokens = ()
        self.call_later(self._have_tokens, tokens)

    def _have_tokens(self, tokens: tuple[TokenState, ...]) -> None:
        self._asking_tokens = False
        before, self.tokens = self.tokens, tokens
        if before == tokens:
            return
        self._refresh_top()
        if before is None or not isinstance(top := self.screen, Asking):
            return
        for text, sign in token_changes(before, tokens, self.words):
            top.say(text, sign)

    def top_facts(self) -> dict[str, Any]:
        """Return what the top line shows beside where one is."""
        clerk = ""
        if self.staff is not None:
            clerk = " ".join([self.staff.name, *(role.short for role in self.staff.roles[:1])])
        return {
            "branch": self.branch.code if self.branch else "",
            "branch_name": self.branch.name if self.branch else "",
            "clerk": clerk,
            "tokens": self.tokens,
            "clock": f"{local(now()):%H:%M}",
        }

    # Keys and scans

    def touched(self) -> None:
        """Remember that somebody is at the keyboard."""
        self._last_key = time.monotonic()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent | events.Paste):
            self.touched()
        await super().on_event(event)

    def take_scan(self, scan: Scan) -> None:
        from console.scanned import read_scan

        if not isinstance(top := self.screen, Asking):
            return
        typed, remark = read_scan(scan, self.words.language)
        if not typed:
            self.bell()
            top.say(remark, "!")
        elif not top.take_scan(typed):
            self.bell()
            top.say(self.words(f"scan.no_place_{scan.kind}"), "!")
        elif remark:
            top.say(remark, "!")

    def action_say_quit(self) -> None:
        if isinstance(top := self.screen, Asking):
            top.say(self.words("keys.quit"))

    # Coming and going

    def signed_in(self, user: str, staff: Staff) -> None:
        """Open the queue for `staff`."""
        from console.screens.queue import QueueScreen

        self.user, self.staff = user, staff
        self.push_screen(QueueScreen())

    def lock(self) -> None:
        """Hide everything behind the password; what is half filled in stays."""
        from console.leaving import put_away
        from console.screens.lock import LockScreen

        if self.staff is not None and not any(isinstance(screen, LockScreen) for screen in self.screen_stack):
            away = put_away(self.screen_stack, leave=False)
            self.push_screen(LockScreen(self.user, self.staff.name, away))

    def sign_out(self) -> None:
        """End this clerk's work: back to the login, drafts kept."""
        from console.leaving import put_away

        if isinstance(top := self.screen, Asking):
            top.ask(put_away(self.screen_stack, leave=True), self._signed_out, hold=True)

    def _signed_out(self, _nothing: None) -> None:
        self.staff = None
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if isinstance(login := self.screen, LoginScreen):
            login.signed_out(self.words("login.signed_out"))

    def open_inbox(self) -> None:
        """Show the messages of the practice branch."""
        from console.screens.info import InboxScreen

        self.push_screen(InboxScreen())

    def open_info(self) -> None:
        """Show the lines support asks for."""
        from console.screens.info import InfoScreen

        self.push_screen(InfoScreen())

    def quit_soon(self) -> None:
        """Quit from the palette."""
        self.call_later(self.action_quit)

    async def action_quit(self) -> None:
        """Keep the drafts and end. If that fails it is said; the same key once more ends all the same."""
        if self._quitting or self.staff is None:
            self.exit()
            return
        from console.leaving import put_away

        self._quitting = True
        if isinstance(top := self.screen, Asking):
            top.ask(put_away(self.screen_stack, leave=True), lambda _nothing: self.exit(), group="quit")

    async def on_unmount(self) -> None:
        self.stop_keys()

    # Crashes

    def run(self, **settings: Any) -> None:
        """Run until the clerk leaves. Whatever fails outside the screens ends in a report without values too."""
        crash.install(self._reports)
        super().run(**settings)

    def panic(self, *renderables: Any) -> None:  # noqa: ARG002 - they may hold values
        """End because the thread that reads the terminal has failed."""
        self._handle_exception(RuntimeError())

    def _handle_exception(self, error: Exception) -> None:
        """End with one plain line and a report without values; Textual would print locals, the PIN among them."""
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        if self.incident is None:
            self.incident = crash.report(error, self._reports)
            if self.staff is not None:
                from console.leaving import rescue_drafts

                rescue_drafts(self.screen_stack, self.desk.result(timeout=0))
        self._return_code = CRASHED
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        self._exit_renderables.clear()
        if self.incident is not None:
            words = str(self.incident.diagnosis(self.words.language))
            self.error_console.print(words, markup=False, highlight=False)
