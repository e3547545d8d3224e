"""JSON Patch as Apaleo takes it: an array of changes, of which only a few fields allow any."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeAlias

from provider_verification.stubs.sdk import NotModelled

PatchRules: TypeAlias = Mapping[str, frozenset[str]]
"""The fields that may be changed, by the `op` of a change."""

TEXT_FIELDS = frozenset({"comment", "bookerComment", "guestComment"})
GUEST_FIELDS = frozenset({"primaryGuest", "booker"})
GUEST_TEXTS = ("firstName", "middleInitial", "email", "phone", "nationalityCountryCode", "preferredLanguage")
TITLES = frozenset({"Mr", "Ms", "Dr", "Prof", "Mrs", "Other"})
TRAVEL_PURPOSES = frozenset({"Business", "Leisure"})


def patch_error(changes: list[dict[str, Any]], rules: PatchRules) -> str | None:
    """Return why a JSON Patch cannot be applied as a whole, or None.

    Raises:
        NotModelled: a change copies a value, which Apaleo can do between a booking and its reservations.
    """
    # All changes are checked before the first is applied, so that a rejected patch changes nothing.
    for index, change in enumerate(changes):
        if change.get("op") == "copy":
            raise NotModelled("the JSON Patch operation 'copy'", ("body", index, "op"))
        if patched_field(change) not in rules.get(change.get("op", ""), ()):
            return f"'{change.get('op')}' of '{change.get('path')}' is not possible"
        if change["op"] != "remove" and not _is_valid_value(patched_field(change), change.get("value")):
            return f"the value of '{change['path']}' is missing or has the wrong type"
    return None


def patched_field(change: dict[str, Any]) -> str:
    """Return the field that a change is about, without what lies inside it."""
    return str(change.get("path", "")).strip("/").partition("/")[0]


def _is_valid_value(name: str, value: Any) -> bool:
    """Whether the value of a field can be read back."""
    if name in GUEST_FIELDS:
        return is_guest(value)
    if name in TEXT_FIELDS:
        return isinstance(value, str)
    if name == "travelPurpose":
        return value in TRAVEL_PURPOSES if isinstance(value, str) else False
    if name == "additionalGuests":
        return isinstance(value, list) and all(is_guest(item) for item in value)
    return value is not None


def is_guest(value: Any) -> bool:
    """Return whether a value is a person as the booking spec describes one: only the last name is required."""
    if not isinstance(value, dict) or not isinstance(value.get("lastName"), str):
        return False
    has_texts = all(isinstance(value.get(name, ""), str) for name in GUEST_TEXTS)
    return (
        has_texts
        and str(value.get("title", "Other")) in TITLES
        and _is_date(value.get("birthDate", "2000-01-01"))
    )


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and str(date.fromisoformat(value)) == value
    except ValueError:
        return False
