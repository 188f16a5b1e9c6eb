"""The CMIS port over HTTP."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx

from adapters import web
from adapters.cmis import endpoints, records
from adapters.cmis.answers import SYSTEM, invalid, judge, parsed, refused, rows
from adapters.masking import excerpt, masked
from kernel.api.errors import AdapterAnswerInvalid
from kernel.api.ports import CmisFile

if TYPE_CHECKING:
    from adapters.cmis.endpoints import Endpoint
    from kernel.api.ports import Authorisation, CmisProgress, CmisRequest, CustomerQuery, Row

ALL = "-1"
_METER = {"LOAI_TBI": "CTO", "MA_BDONG": "A"}
_AUTHORISED = "D_PCAP_UQUYEN_DVI_MAHSO"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer as they may be kept: personal columns, keys and files replaced by ***.

    `status` is None when no answer came; `answer` then holds the error's name. `milliseconds` counts both ways.
    """

    endpoint: str
    request: object
    answer: object
    status: int | None
    milliseconds: int


class CmisClient:
    """CmisPort over EVN's ServiceInterface. Safe to use from several threads."""

    def __init__(
        self,
        client: httpx.Client,
        base_url: str,
        keys: Mapping[str, str],
        on_exchange: Callable[[Exchange], None] | None = None,
    ) -> None:
        self._client = client
        self._base = base_url.rstrip("/")
        self._keys = keys
        self.on_exchange = on_exchange

    @classmethod
    def from_settings(cls, values: Mapping[str, object]) -> CmisClient:
        """Build from the options of `cmis`: base_url, and optionally path, access_key, secret_key, timeout, ca_file.

        Raises AdapterMisconfigured.
        """
        settings = web.Settings(SYSTEM, "cmis.options", values)
        path = settings.text("path", endpoints.SERVICE_PATH).strip("/")
        keys = {"AccessKey": settings.text("access_key", ""), "SecretKey": settings.text("secret_key", "")}
        base_url = f"{settings.url('base_url').rstrip('/')}/{path}"
        return cls(web.http_client(settings), base_url, {name: key for name, key in keys.items() if key})

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def received_requests(self, unit: str) -> Sequence[CmisRequest]:
        """See CmisPort."""
        try:
            return records.by_request(unit, self._tables(unit, ALL))
        except KeyError as error:
            raise invalid(endpoints.RECEIVED, f"{error.args[0]} row without MA_YCAU_KNAI") from error

    def request(self, unit: str, code: str) -> CmisRequest:
        """See CmisPort."""
        found = records.one_request(unit, code, self._tables(unit, code))
        if found is None:
            raise refused(endpoints.RECEIVED, f"MA_YCAU_KNAI {code} not found")
        return found

    def open_request(self, unit: str, rows: Mapping[str, Sequence[Row]], request_id: str) -> str:
        """See CmisPort. Where the answer does not carry the code, the request is found by its TECH_ID."""
        answer = self._ask(endpoints.REGISTER, records.registration(unit, rows, request_id))
        if code := records.first_text(answer, "MA_YCAU_KNAI"):
            return code
        for request in self.received_requests(unit):
            if any(row.get("TECH_ID") == request_id for row in request.rows["DV_YEU_CAU"]):
                return request.code
        raise invalid(endpoints.REGISTER, "no MA_YCAU_KNAI")

    def progress(self, unit: str, code: str) -> Sequence[Row]:
        """See CmisPort."""
        answer = self._ask(endpoints.PROGRESS, {"MA_DVIQLY": unit, "MA_YCAU_KNAI": code, "MA_DDO_DDIEN": ALL})
        return rows(endpoints.PROGRESS, answer, "bangDvTienTrinh")

    def add_progress(self, progress: CmisProgress) -> None:
        """See CmisPort."""
        row = records.progress_row(progress)
        if not any(records.same_step(known, row) for known in self.progress(progress.unit, progress.request)):
            self._ask(endpoints.ADD_PROGRESS, row)

    def files(self, unit: str, code: str) -> Sequence[CmisFile]:
        """See CmisPort."""
        answer = self._ask(endpoints.FILES, {"strMa_Dviqly": unit, "strMa_YCau": code, "TYPE": ALL})
        listed = rows(endpoints.FILES, answer, "HSO_GTO")
        return [CmisFile(row.get("MA_HSGT", ""), row.get("TEN_HSGT", "")) for row in listed]

    def file(self, unit: str, code: str, file_type: str) -> bytes | None:
        """See CmisPort."""
        if all(file.type != file_type for file in self.files(unit, code)):
            return None
        place = "/".join(quote(part, safe="") for part in (unit, code, file_type))
        content = self._exchange(endpoints.FILE, None, place)
        if not content.startswith(b"%PDF-"):
            judge(endpoints.FILE, parsed(endpoints.FILE, content))
            raise invalid(endpoints.FILE, "not a PDF")
        return content

    def upload_file(self, unit: str, code: str, file_type: str, pdf: bytes) -> None:
        """See CmisPort."""
        if self.file(unit, code, file_type) == pdf:
            return
        body = {
            "MA_DVIQLY": unit,
            "MA_YCAU_KNAI": code,
            "MA_LOAI_HSO": file_type,
            "DINH_DANG": "pdf",
            "FILE_VALUE": base64.b64encode(pdf).decode("ascii"),
        }
        self._ask(endpoints.UPLOAD, body)

    def new_contract_number(self, unit: str, code: str) -> str:
        """See CmisPort. CMIS is asked once more whether the number is free; AdapterRefused if it is not."""
        answer = self._ask(endpoints.NEW_CONTRACT, {"MA_DVIQLY": unit, "MA_YCAU_KNAI": code})
        number = records.first_text(answer, "MA_HDONG", "SO_HDONG")
        if not number:
            raise invalid(endpoints.NEW_CONTRACT, "no MA_HDONG")
        self._ask(endpoints.CHECK_CONTRACT, {"MA_DVIQLY": unit, "MA_YCAU_KNAI": code, "MA_HDONG": number})
        return number

    def authorisations(self, unit: str, file_type: str) -> Sequence[Authorisation]:
        """See CmisPort."""
        body = {"MA_DVIQLY": unit, "TEN_DANH_MUC": _AUTHORISED, "PARAM": file_type}
        answer = self._ask(endpoints.CATALOGUE, body)
        return records.authorisations(rows(endpoints.CATALOGUE, answer, "LST_OBJ"))

    def customer(self, unit: str, code: str) -> Mapping[str, Sequence[Row]]:
        """See CmisPort."""
        answer = self._ask(endpoints.CUSTOMER, {"MA_DVIQLY": unit, "MA_KHANG": code})
        found = {record: rows(endpoints.CUSTOMER, answer, table) for table, record in endpoints.CUSTOMER_TABLES.items()}
        if not found["HDG_KHACH_HANG"]:
            raise refused(endpoints.CUSTOMER, f"MA_KHANG {code} not found")
        return found

    def find_customers(self, unit: str, query: CustomerQuery) -> Sequence[Row]:
        """See CmisPort."""
        body = {
            "MA_DVIQLY": unit,
            "MA_SOGCS": query.book,
            "NGAY_HHLUC_DEN": records.plain_day(query.ends_by),
            "NGAY_KDINH_DEN": records.plain_day(query.verified_by),
        }
        found = rows(endpoints.FIND_CUSTOMERS, self._ask(endpoints.FIND_CUSTOMERS, body), "LST_KHANG")
        return sorted(found, key=lambda row: row.get("MA_KHANG", ""))

    def meter(self, unit: str, number: str) -> Row | None:
        """See CmisPort. Raises AdapterRefused when several makes in the store bear the number."""
        answer = self._ask(endpoints.METERS, {"MA_DVI_SD": unit, "SO_TBI": number, **_METER})
        found = [row for row in rows(endpoints.METERS, answer, "LST_TBI") if row.get("SO_TBI") == number]
        if len(found) > 1:
            makes = ", ".join(row.get("MA_CTO", "?") for row in found)
            raise refused(endpoints.METERS, f"SO_TBI {number} × {len(found)}: {makes}")
        return found[0] if found else None

    def _tables(self, unit: str, code: str) -> dict[str, list[Row]]:
        answer = self._ask(endpoints.RECEIVED, {"MA_DVIQLY": unit, "MA_YCAU_KNAI": code})
        return {record: rows(endpoints.RECEIVED, answer, table) for table, record in endpoints.TABLES.items()}

    def _ask(self, endpoint: Endpoint, body: Mapping[str, object]) -> Mapping[str, object]:
        answer = parsed(endpoint, self._exchange(endpoint, {**body, **self._keys} if endpoint.keyed else body))
        judge(endpoint, answer)
        return answer

    def _exchange(self, endpoint: Endpoint, body: Mapping[str, object] | None, place: str = "") -> bytes:
        """Return the body of the answer. Raises AdapterUnavailable, or what the HTTP status alone says."""
        url = f"{self._base}/{endpoint.name}" + (f"/{place}" if place else "")
        began = time.perf_counter()
        response: httpx.Response | None = None
        failure = ""
        try:
            response = self._client.request(endpoint.method, url, json=body)
        except httpx.HTTPError as error:
            failure = type(error).__name__
            raise web.unavailable(SYSTEM, endpoint.name, error) from error
        finally:
            self._tell(endpoint, body, response, failure, began)
        web.check_status(SYSTEM, endpoint.name, response)
        return response.content

    def _tell(
        self,
        endpoint: Endpoint,
        body: Mapping[str, object] | None,
        response: httpx.Response | None,
        failure: str,
        began: float,
    ) -> None:
        if self.on_exchange is None:
            return
        milliseconds = round((time.perf_counter() - began) * 1000)
        answer: object = failure
        if response is not None:
            try:
                answer = masked(parsed(endpoint, response.content))
            except AdapterAnswerInvalid:
                answer = excerpt(response.content[:4000].decode("utf-8", "replace"))
        status = response.status_code if response is not None else None
        self.on_exchange(Exchange(endpoint.name, masked(body), answer, status, milliseconds))
