"""The customers' phones of a practice branch: what the practice gateway received for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import httpx

from kernel.api.errors import AdapterUnavailable
from kernel.settings import Settings

_CODE = re.compile(r"(?<![\w/])\d{6}(?![\w/])")
"""Six digits that stand alone: those of a contract number (26/000123) are no code."""


@dataclass(frozen=True, slots=True)
class Received:
    """A message on a customer's phone."""

    id: str
    phone: str
    text: str
    at: datetime
    times: int
    """How often the gateway was handed this message."""


def messages(chosen: Settings) -> tuple[Received, ...]:
    """Return what the phones received, oldest first. Raises AdapterUnavailable."""
    url = f"{chosen.sms.options['url']}/inbox.json"
    try:
        answer = httpx.get(url, timeout=5, trust_env=False).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise AdapterUnavailable(system="SMS", endpoint="inbox.json", detail=type(error).__name__) from error
    received = (
        Received(one["id"], one["phone"], one["text"], datetime.fromisoformat(one["at"]), one["times"])
        for one in answer
    )
    return tuple(sorted(received, key=lambda one: one.at))


def last_code(chosen: Settings, phone: str) -> str:
    """Return the newest six-digit code a phone received, empty without one: the customer reads it out."""
    codes = [found[0] for one in messages(chosen) if one.phone == phone and (found := _CODE.findall(one.text))]
    return codes[-1] if codes else ""
