"""Trust services over HTTP: time stamps (RFC 3161), OCSP (RFC 6960), revocation lists (RFC 5280). No PDF, no token."""

from __future__ import annotations
