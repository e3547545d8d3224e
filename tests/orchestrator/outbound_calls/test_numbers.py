"""Which numbers may be called."""

from __future__ import annotations

import pytest

from orchestrator.outbound_calls.numbers import country_prefix, is_allowed


@pytest.mark.parametrize(
    ("number", "prefixes", "allowed"),
    [
        ("+4930123456", ("+49",), True),
        ("+491715550199", ("+49",), True),
        ("+431234567", ("+49",), False),
        ("+431234567", ("+49", "+43"), True),
        ("+4930123456", ("+4989",), False),
        ("+4930123456", (), False),
        # premium rate and shared cost, although in the hotel's country
        ("+499001234567", ("+49",), False),
        ("+491801234567", ("+49",), False),
        # a personal number, enquiry services, old premium-rate ranges, an emergency service, and a toll-free number
        ("+4970012345678", ("+49",), False),
        ("+49700123456", ("+49",), False),
        ("+4911833", ("+49",), False),
        ("+4911880123", ("+49",), False),
        ("+4919012345", ("+49",), False),
        ("+49112000", ("+49",), False),
        ("+498001234567", ("+49",), False),
        ("+12025550123", ("+1",), True),
        ("+882161234567", ("+88216",), True),
        # with the 0 of a national number
        ("+49030123456", ("+49",), False),
        ("+4900900123456", ("+49",), False),
        # too short to be a number
        ("+491", ("+49",), False),
        # no country
        ("+0301234567", ("+0",), False),
    ],
)
def test_number_is_allowed_by_prefix_and_type(
    number: str, prefixes: tuple[str, ...], *, allowed: bool
) -> None:
    """Toll fraud needs expensive numbers."""
    assert is_allowed(number, prefixes) is allowed


@pytest.mark.parametrize(("region", "prefix"), [("DE", "+49"), ("US", "+1"), ("XX", "+0")])
def test_prefix_of_a_country(region: str, prefix: str) -> None:
    """An unknown country allows no number, because none starts with 0."""
    assert country_prefix(region) == prefix
