"""Tokens and HSMs: the signer process, its client, the device watch, administration. The only user of PKCS#11."""

from __future__ import annotations
