"""The command line, one module a command. A module gives `configure(parser)` and `run(options) -> exit code`."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from kernel.api.text import Text

COMMANDS: Final[dict[str, Text]] = {
    "demo": Text("tạo và mở đơn vị thực hành", "make and open a practice branch"),
    "verify": Text("kiểm tra chữ ký số của tệp PDF", "verify the signatures of PDF files"),
    "trust": Text("chứng thư số tin cậy", "the trusted certificates"),
    "doctor": Text("kiểm tra máy này", "check this machine"),
    "plugin": Text("dịch vụ, văn bản và bộ kết nối", "services, documents and adapters"),
    "audit": Text("nhật ký kiểm toán", "the audit trail"),
    "batch": Text("ký hàng loạt", "sign many at once"),
    "stamp": Text("hình chữ ký tay và con dấu", "images of signatures and of the seal"),
    "archive": Text("lưu trữ lâu dài", "the archive: levels and renewal"),
    "token": Text("thiết bị ký", "signing devices"),
    "db": Text("cơ sở dữ liệu", "the database"),
    "worker": Text("chạy các việc nền", "do the background work"),
    "cmis-simulator": Text("chạy CMIS mô phỏng", "run the CMIS simulator"),
}


class Exit(IntEnum):
    """Exit codes other programs rely on."""

    DONE = 0
    NO = 1
    WRONG_USE = 2
    OUTSIDE = 3
    INTERRUPTED = 130
