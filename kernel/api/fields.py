"""Fields: what a clerk fills in. A declaration is data; reading what was typed is in `kernel.api.reading`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from kernel.api.conditions import Condition
from kernel.api.text import Text

Value = str | int | bool | Decimal | date
"""What a field holds once read: text is NFC, money is a whole number of đồng."""


class Kind(StrEnum):
    """How a field is typed, checked and shown."""

    TEXT = "text"
    NAME = "name"
    ADDRESS = "address"
    DATE = "date"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    CHOICE = "choice"
    YES_NO = "yes_no"
    MOBILE = "mobile"
    PHONE = "phone"
    EMAIL = "email"
    CITIZEN_ID = "citizen_id"
    TAX_CODE = "tax_code"
    CUSTOMER_CODE = "customer_code"
    METERING_POINT = "metering_point"
    BANK_ACCOUNT = "bank_account"
    METER_NUMBER = "meter_number"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer a CHOICE field accepts: a code that is stored and words that are shown and printed."""

    code: str
    label: Text


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a form.

    `unit` is shown behind the value (kW, kWh, đ). `minimum` and `maximum` bound numbers. `source` names where CMIS
    holds the value, as `TABLE.COLUMN`, empty where it does not.
    """

    id: str
    label: Text
    kind: Kind
    help: Text
    required: bool = True
    unit: str = ""
    max_length: int = 160
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    places: int = 0
    choices: tuple[Choice, ...] = ()
    default: str = ""
    source: str = ""
    when: Condition | None = None

    def but(self, **changes: object) -> Field:
        """Return this field with some attributes changed, for the service that needs it a little different."""
        return replace(self, **changes)  # type: ignore[arg-type]  # replace() checks the names at run time
