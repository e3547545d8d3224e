"""The reviewed exceptions from usage exactness, each with its reason (`exceptions.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from contract_usage.exchanges import Exchange

EXCEPTIONS = Path(__file__).with_name("exceptions.toml")
UNREAD, UNDEMANDED = "unread", "undemanded"
KINDS = (UNREAD, UNDEMANDED)


class InvalidExceptionsError(ValueError):
    """The file of exceptions cannot be used."""


@dataclass
class Exceptions:
    """The exceptions, and which of them were needed.

    Args:
        reasons: by kind, vendor and subject. A subject is an operation with a status and a path; `*` stands for any part
            of operation and status.
    """

    reasons: Mapping[tuple[str, str, str], str]
    _needed: set[tuple[str, str, str]] = field(default_factory=set)

    def excuse(self, kind: str, exchange: Exchange, path: str) -> bool:
        """Return whether an exception exists, and note that it is needed."""
        matching = {
            key
            for key in self.reasons
            if key[:2] == (kind, exchange.vendor) and _covers(key[2], str(exchange), path)
        }
        self._needed |= matching
        return bool(matching)

    def stale(self) -> list[str]:
        """Return the exceptions that were not needed."""
        return [
            f"{vendor}: '{subject}' under [{kind}.{vendor}] no longer applies"
            for kind, vendor, subject in self.reasons
            if (kind, vendor, subject) not in self._needed
        ]


def _covers(subject: str, exchange: str, path: str) -> bool:
    # a path may contain blanks too, in quotes
    pattern, separator, subject_path = subject.partition(" $")
    return fnmatchcase(exchange, pattern) and separator.strip() + subject_path == path


def read_exceptions(file: Path = EXCEPTIONS) -> Exceptions:
    """Read the exceptions.

    Raises:
        InvalidExceptionsError: the file is not TOML, names an unknown kind, or an entry has no reason.
    """
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InvalidExceptionsError(f"{file.name}: {error}") from None
    reasons = {}
    for kind, vendors in document.items():
        if kind not in KINDS:
            raise InvalidExceptionsError(f"{file.name}: [{kind}] is not one of {', '.join(KINDS)}")
        for vendor, entries in vendors.items():
            for subject, reason in entries.items():
                if not isinstance(reason, str) or not reason.strip():
                    raise InvalidExceptionsError(f"{file.name}: '{subject}' of {vendor} has no reason")
                reasons[kind, vendor, subject] = reason
    return Exceptions(reasons)
