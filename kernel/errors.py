"""The kernel's own errors outside signing, tokens, documents and the rules of a dossier, which each keep theirs."""

from __future__ import annotations

from kernel.api.errors import QuayDienError

__all__ = [
    "BlobCorrupt",
    "BlobMissing",
    "DatabaseUnavailable",
    "HomeMissing",
    "NotFound",
    "PluginUnusable",
    "SettingsInvalid",
    "StaleVersion",
    "StorageFull",
]


class SettingsInvalid(QuayDienError):
    """The settings file can't be used. Facts: path, detail."""

    code = "settings.invalid"


class HomeMissing(QuayDienError):
    """No installation was found. Facts: home."""

    code = "settings.home_missing"


class PluginUnusable(QuayDienError):
    """A service, document or adapter can't be used. Facts: kind, id, reason."""

    code = "plugin.unusable"


class NotFound(QuayDienError):
    """A record that was asked for does not exist. Facts: what, id."""

    code = "storage.not_found"


class StaleVersion(QuayDienError):
    """The record was changed by someone else since it was read. Facts: code, by."""

    code = "storage.stale"


class DatabaseUnavailable(QuayDienError):
    """The database can't be opened, read or written. Facts: url, detail."""

    code = "storage.database"


class StorageFull(QuayDienError):
    """The disk is full or read-only. Facts: path, detail."""

    code = "storage.full"


class BlobMissing(QuayDienError):
    """A stored file is gone. Facts: sha256."""

    code = "storage.blob_missing"


class BlobCorrupt(QuayDienError):
    """A stored file no longer has the content it was stored under. Facts: sha256."""

    code = "storage.blob_corrupt"
