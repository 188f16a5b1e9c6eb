"""EVN's customer system CMIS: its client and a stand-in for practice and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.api.ports import Adapter
from kernel.api.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kernel.api.ports import CmisPort


def _connect(settings: Mapping[str, object]) -> CmisPort:
    # httpx costs 140 ms: only those who talk to CMIS pay for it.
    from adapters.cmis.client import CmisClient

    return CmisClient.from_settings(settings)


ADAPTER = Adapter(
    id="cmis",
    title=Text("CMIS qua dịch vụ ServiceInterface", "CMIS through its ServiceInterface"),
    port="cmis",
    settings="cmis",
    connect=_connect,
)
