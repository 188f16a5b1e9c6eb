"""Short messages: a Kannel gateway, the texts that go out, and an inbox for practice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.api.ports import Adapter
from kernel.api.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kernel.api.ports import SmsPort


def _connect(settings: Mapping[str, object]) -> SmsPort:
    # httpx and jinja2 cost 200 ms: only those who send pay for them.
    from adapters.sms.kannel import KannelSms

    return KannelSms.from_settings(settings)


ADAPTER = Adapter(
    id="kannel",
    title=Text("SMS qua cổng Kannel", "SMS through a Kannel gateway"),
    port="sms",
    settings="sms",
    connect=_connect,
)
