"""Prepare, agree, sign and verify PDF documents: PDF and CMS only, no token, no database."""

from __future__ import annotations
