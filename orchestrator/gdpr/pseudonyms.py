"""Pseudonyms of phone numbers."""

from __future__ import annotations

import hmac

PSEUDONYM_CHARACTERS = 32


def pseudonymize(phone_number: str, key: bytes) -> str:
    """Return the pseudonym of a phone number: a keyed hash, the same for the same number and key.

    A plain hash would not protect a phone number, because all numbers can be tried.
    """
    return hmac.digest(key, phone_number.encode(), "sha256").hex()[:PSEUDONYM_CHARACTERS]
