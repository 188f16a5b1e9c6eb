"""Identifiers of the trade: reading, checking, showing and masking them. Pure functions."""

from __future__ import annotations

from kernel.api.findings import Checked
from kernel.api.identifiers.citizen import (
    CitizenCard,
    CitizenFacts,
    citizen_facts,
    cross_check,
    mask_citizen_id,
    read_citizen_id,
    read_citizen_qr,
)
from kernel.api.identifiers.contact import (
    BANKS,
    bank_of,
    mask_email,
    read_bank_account,
    read_email,
)
from kernel.api.identifiers.evn import (
    CORPORATIONS,
    compact,
    point_link,
    read_code,
    read_customer_code,
    read_meter_number,
    read_metering_point,
    read_unit_code,
    unit_link,
)
from kernel.api.identifiers.names import (
    SortKey,
    legacy_encoding,
    read_name,
    read_text,
    same_name,
    sort_key,
    tidy,
)
from kernel.api.identifiers.phones import (
    RENUMBERED,
    mask_phone,
    national,
    read_mobile,
    read_phone,
    show_phone,
    to_e164,
)
from kernel.api.identifiers.provinces import (
    PROVINCES,
)
from kernel.api.identifiers.tax import (
    check_digit,
    read_tax_code,
)

__all__ = [
    "BANKS",
    "CORPORATIONS",
    "PROVINCES",
    "RENUMBERED",
    "Checked",
    "CitizenCard",
    "CitizenFacts",
    "SortKey",
    "bank_of",
    "check_digit",
    "citizen_facts",
    "compact",
    "cross_check",
    "legacy_encoding",
    "mask_citizen_id",
    "mask_email",
    "mask_phone",
    "national",
    "point_link",
    "read_bank_account",
    "read_citizen_id",
    "read_citizen_qr",
    "read_code",
    "read_customer_code",
    "read_email",
    "read_meter_number",
    "read_metering_point",
    "read_mobile",
    "read_name",
    "read_phone",
    "read_tax_code",
    "read_text",
    "read_unit_code",
    "same_name",
    "show_phone",
    "sort_key",
    "tidy",
    "to_e164",
    "unit_link",
]
