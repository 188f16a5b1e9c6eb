"""The SMS port over Kannel's sendsms interface (Kannel user guide, “SMS push features”)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

import httpx

from adapters import web
from adapters.masking import excerpt
from adapters.sms.text import brandname_fits, check_length, coding, render
from kernel.api.errors import AdapterAnswerInvalid, AdapterRefused, AdapterUnavailable
from kernel.api.ports import Delivery, Receipt, ShortMessage
from kernel.api.text import nfc

SYSTEM = "SMS"
SEND = "sendsms"
MESSAGE_ID = "mid"
"""Our id rides along under this name. Kannel looks parameters up by name and passes over those it does not know."""

_ACCEPTED = re.compile(r"(0: Accepted for delivery|3: Queued for later delivery)(?::\s*(\S+))?")
_PHONE = re.compile(r"\+[1-9][0-9]{7,14}")
_ALL_REPORTS = 31


@dataclass(frozen=True, slots=True)
class KannelSettings:
    """The options of `sms`: url, username, password, from; optional dlr_url, status_url, marks, timeout, ca_file.

    `from` is the registered brandname. `dlr_url` and `status_url` are templates with `{id}` for our message id; Kannel
    fills its own %d into the former. `marks` sends Vietnamese as it is (UCS-2, dearer); without it letters go out
    without marks.
    """

    url: str
    username: str
    password: str
    sender: str
    dlr_url: str
    status_url: str
    marks: bool

    @classmethod
    def read(cls, settings: web.Settings) -> KannelSettings:
        """Raises AdapterMisconfigured."""
        sender = settings.text("from")
        if not brandname_fits(sender):
            raise settings.wrong("from", "brandname: 1-11 A-Z 0-9 . - _")
        marks = settings.values.get("marks", False)
        if not isinstance(marks, bool):
            raise settings.wrong("marks", "not true or false")
        templates = {name: settings.url(name, "") for name in ("dlr_url", "status_url")}
        for name, template in templates.items():
            if template and "{id}" not in template:
                raise settings.wrong(name, "no {id}")
        url, username, password = settings.url("url"), settings.text("username"), settings.text("password")
        return cls(url.rstrip("/"), username, password, sender, marks=marks, **templates)


class KannelSms:
    """SmsPort over Kannel. Safe to use from several threads."""

    def __init__(self, client: httpx.Client, settings: KannelSettings) -> None:
        self._client = client
        self._settings = settings

    @classmethod
    def from_settings(cls, values: Mapping[str, object]) -> KannelSms:
        """Build from the options of `sms`. Raises AdapterMisconfigured."""
        settings = web.Settings(SYSTEM, "sms.options", values)
        read = KannelSettings.read(settings)
        # A kept connection may be dead without our knowing: then nobody could tell whether the message left.
        return cls(web.http_client(settings, keep_alive=False), read)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def compose(self, template: str, facts: Mapping[str, str]) -> str:
        """See SmsPort."""
        return render(template, facts, marks=self._settings.marks)

    def send(self, message: ShortMessage) -> Receipt:
        """See SmsPort."""
        text = nfc(message.text)
        if not _PHONE.fullmatch(message.phone):
            raise AdapterRefused(system=SYSTEM, endpoint=SEND, detail="phone is not +84…")
        check_length(text, SEND)
        try:
            response = self._client.get(f"{self._settings.url}/cgi-bin/sendsms", params=self._parameters(message, text))
        except httpx.HTTPError as error:
            if web.never_left(error):
                raise web.unavailable(SYSTEM, SEND, error) from error
            return Receipt("", Delivery.UNKNOWN, type(error).__name__)
        web.check_status(SYSTEM, SEND, response)
        return _receipt(response)

    def find(self, message_id: str) -> Receipt | None:
        """See SmsPort. Kannel keeps no messages: only a gateway with a `status_url` can be asked."""
        template = self._settings.status_url
        if not template:
            raise AdapterRefused(system=SYSTEM, endpoint="status_url", detail="[sms.options] status_url")
        try:
            response = self._client.get(template.replace("{id}", quote(message_id, safe="")))
        except httpx.HTTPError as error:
            raise web.unavailable(SYSTEM, "status_url", error) from error
        web.check_status(SYSTEM, "status_url", response)
        return None if response.status_code == httpx.codes.NOT_FOUND else _status(response)

    def _parameters(self, message: ShortMessage, text: str) -> dict[str, str]:
        parameters = {
            "username": self._settings.username,
            "password": self._settings.password,
            "from": self._settings.sender,
            "to": message.phone,
            "text": text,
            "charset": "UTF-8",
            "coding": str(coding(text)),
            MESSAGE_ID: message.id,
        }
        if self._settings.dlr_url:
            parameters["dlr-mask"] = str(_ALL_REPORTS)
            parameters["dlr-url"] = self._settings.dlr_url.replace("{id}", quote(message.id, safe=""))
        return parameters


def _receipt(response: httpx.Response) -> Receipt:
    said = excerpt(response.text, 120)
    if response.status_code == httpx.codes.ACCEPTED and (match := _ACCEPTED.match(response.text.strip())):
        return Receipt(match[2] or "", Delivery.ACCEPTED, match[1])
    if response.is_client_error:
        raise AdapterRefused(system=SYSTEM, endpoint=SEND, detail=f"HTTP {response.status_code} {said}".rstrip(". "))
    if response.is_server_error:
        raise AdapterUnavailable(system=SYSTEM, endpoint=SEND, detail=f"HTTP {response.status_code} {said}")
    raise AdapterAnswerInvalid(system=SYSTEM, endpoint=SEND, detail=f"HTTP {response.status_code} «{said}»")


def _status(response: httpx.Response) -> Receipt:
    """Read `{"gateway_id": …, "state": one of Delivery, "detail": …}`."""
    try:
        answer = response.json()
        gateway_id, detail = str(answer["gateway_id"]), str(answer.get("detail", ""))
        return Receipt(gateway_id, Delivery(answer["state"]), excerpt(detail, 120))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        detail = f"HTTP {response.status_code} «{excerpt(response.text)}»"
        raise AdapterAnswerInvalid(system=SYSTEM, endpoint="status_url", detail=detail) from error
