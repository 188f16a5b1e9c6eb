"""Where a process of the product is killed: one function of the product is wrapped here."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

When = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Boundary:
    """SIGKILL before or after the `nth` call of `target` ("module:name" or "module:Class.name").

    `caller` counts only calls made by a function, or by a module, of that name. `parent` kills the process that started
    this one.
    """

    target: str
    when: When
    caller: str = ""
    nth: int = 1
    parent: bool = False


_COMMIT = "kernel.storage.unit_of_work:UnitOfWork.commit"


def _commit(when: When, caller: str, nth: int = 1) -> Boundary:
    return Boundary(_COMMIT, when, caller, nth)


CONSOLE = {
    "request taken in": _commit("after", "take_in"),
    "draft saved": _commit("after", "save_draft"),
    "form not saved": _commit("before", "save"),
    "form saved": _commit("after", "save"),
    "step not committed": _commit("before", "advance"),
    "step committed": _commit("after", "advance"),
    "number given": _commit("after", "_numbered"),
    "file half written": Boundary("os:fsync", "after", "kernel.storage.blobs"),
    "drawn, row not committed": _commit("before", "draw"),
    "drawn": _commit("after", "draw"),
    "code committed, not sent": _commit("after", "send_code"),
    "code sent, receipt not noted": _commit("before", "_hand_over"),
    "code sent": _commit("after", "_hand_over"),
    "answer checked, not committed": _commit("before", "answer_code"),
    "answer checked": _commit("after", "answer_code"),
    "signature not asked": _commit("before", "_ask"),
    "signature asked": _commit("after", "_ask"),
    "signed, not released": Boundary("kernel.casework.signing:_release", "before"),
    "time-stamped, not released": Boundary("kernel.trust_services.prompt:PromptTimeStamper.stamp", "after"),
    "checked, not committed": _commit("before", "_release"),
    "released": _commit("after", "_release"),
}

SIGNER = {
    "signer asked": Boundary("kernel.signing.sign:sign_field", "before"),
    "signed by the token, not written": Boundary("kernel.signing.sign:sign_field", "after"),
    "result half kept": Boundary("kernel.tokens.journal:Journal.keep", "after"),
    "console gone while the token signs": Boundary("kernel.signing.sign:sign_field", "before", parent=True),
    "console gone when the result is kept": Boundary("kernel.tokens.journal:Journal._to_disk", "after", parent=True),
    # this one the console survives: it finds each signature in the journal
    "result kept, not answered": Boundary("kernel.tokens.journal:Journal._to_disk", "after"),
}

# messages first: they leave beside what CMIS gets, and there are two only
WORKER = {
    "message not sent": Boundary("adapters.sms.kannel:KannelSms.send", "before"),
    "message sent, not noted": Boundary("adapters.sms.kannel:KannelSms.send", "after"),
    "file uploaded, not noted": Boundary("adapters.cmis.client:CmisClient.upload_file", "after"),
    "progress added, not noted": Boundary("adapters.cmis.client:CmisClient.add_progress", "after"),
    "request opened, not noted": Boundary("adapters.cmis.client:CmisClient.open_request", "after"),
    "code given, not noted": _commit("after", "_open_request"),
    "job taken": _commit("after", "attempt"),
    "delivery not committed": _commit("before", "_note"),
    "delivery noted": _commit("after", "_note"),
}


ELSEWHERE = {
    "prepared, not committed": _commit("before", "prepare"),
    "prepared": _commit("after", "prepare"),
    "asked, handle not kept": Boundary("adapters.remote_signing.csc:CscService.begin", "after"),
    "handed out": _commit("after", "_keep_handle"),
    "collected, not kept": Boundary("adapters.remote_signing.csc:CscService.collect", "after"),
    "collected": _commit("after", "_keep_signature"),
    "checked, not stored": Boundary("kernel.casework.signing_elsewhere:check_signed", "after"),
    "finished, not committed": _commit("before", "take_back"),
    "finished": _commit("after", "take_back"),
}
"""On the way of one signature, in this order: each process goes on where the one before it died."""


def arm(boundary: Boundary) -> None:
    """Wrap the function of the boundary in this process."""
    module, _, path = boundary.target.partition(":")
    holder: Any = importlib.import_module(module)
    *owners, name = path.split(".")
    for owner in owners:
        holder = getattr(holder, owner)
    setattr(holder, name, _fatal(getattr(holder, name), boundary))


def _fatal(function: Callable[..., Any], boundary: Boundary) -> Callable[..., Any]:
    calls = 0

    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        frame = sys._getframe(1)
        counted = boundary.caller in ("", frame.f_code.co_name, frame.f_globals["__name__"])
        calls += counted
        fatal = counted and calls == boundary.nth
        if fatal and boundary.when == "before":
            _kill(boundary)
        result = function(*args, **kwargs)
        if fatal and boundary.when == "after":
            _kill(boundary)
        return result

    return call


def _kill(boundary: Boundary) -> None:
    os.kill(os.getppid() if boundary.parent else os.getpid(), signal.SIGKILL)
