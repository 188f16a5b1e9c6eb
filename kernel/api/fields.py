"""Fields: what a clerk fills in. A declaration is data; reading what was typed is in `kernel.api.reading`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from kernel.api.conditions import Condition
from kernel.api.text import Text

Scalar = str | int | bool | Decimal | date
Rows = tuple[Mapping[str, Scalar], ...]
"""The rows of a table: by column what stands there, a cell without a value left out."""
Value = Scalar | Rows
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
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer a CHOICE field accepts: a code that is stored and words that are shown and printed."""

    code: str
    label: Text


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a form.

    `unit` is shown behind the value (kW, kWh, đ). `minimum` and `maximum` bound numbers, and how many rows a table has.
    `source` names where CMIS holds the value, as `TABLE.COLUMN`, empty where it does not; of several, with a comma
    between them, the first that has a value counts. `columns` are a table's;
    one that is `unique` holds no value twice. A field with a `formula` (`kernel.api.formulas`) is never typed: it is
    computed from fields declared before it, a column from columns of its row and from those fields.
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
    columns: tuple[Field, ...] = ()
    unique: bool = False
    formula: str = ""

    def but(self, **changes: object) -> Field:
        """Return this field with some attributes changed, for the service that needs it a little different."""
        return replace(self, **changes)  # type: ignore[arg-type]  # replace() checks the names at run time
