"""Remote signing services: keys that a trust service keeps and their owners use by phone, PIN or code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.api.ports import Adapter
from kernel.api.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kernel.api.ports import RemoteSigningPort


def _connect(settings: Mapping[str, object]) -> RemoteSigningPort:
    # httpx costs 100 ms: only those who sign so pay for it.
    from adapters.remote_signing.csc import CscService

    return CscService.from_settings(settings)


def _connect_gateway(settings: Mapping[str, object]) -> RemoteSigningPort:
    from adapters.remote_signing.gateway import Gateway

    return Gateway.from_settings(settings)


ADAPTER = Adapter(
    id="csc",
    title=Text("Ký từ xa theo CSC API", "Remote signing by the CSC API"),
    port="remote_signing",
    settings="signing.remote",
    connect=_connect,
)
ESIGN = Adapter(
    id="esign",
    title=Text("Cổng eSign công cộng", "The public eSign gateway"),
    port="remote_signing",
    settings="signing.remote",
    connect=_connect_gateway,
)
