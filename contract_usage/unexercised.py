"""The reviewed list of the interactions that no suite exercises, each with its reason (`unexercised_interactions.toml`)."""

from __future__ import annotations

import tomllib
from pathlib import Path

from contract_usage.exceptions import InvalidExceptionsError

UNEXERCISED = Path(__file__).with_name("unexercised_interactions.toml")


def read_unexercised(file: Path = UNEXERCISED) -> dict[str, frozenset[str]]:
    """Return the descriptions by vendor.

    Raises:
        InvalidExceptionsError: the file is not TOML, or an entry has no reason.
    """
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InvalidExceptionsError(f"{file.name}: {error}") from None
    for vendor, entries in document.items():
        if not isinstance(entries, dict):
            raise InvalidExceptionsError(f"{file.name}: '{vendor}' is not the table of a vendor")
        for description, reason in entries.items():
            if not isinstance(reason, str) or not reason.strip():
                raise InvalidExceptionsError(f"{file.name}: '{description}' of {vendor} has no reason")
    return {vendor: frozenset(entries) for vendor, entries in document.items()}
