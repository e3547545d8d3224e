"""Personal data is found wherever it stands, and what is none is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.observability.redaction import REDACTED, redact_text, redact_value


@pytest.mark.parametrize(
    "personal",
    [
        "ada.muster@example.org",
        "ADA+hotel@mail.example.co.uk",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "378282246310005",
        "+49 30 123456",
        "+4930123456",
        "030/1234567",
        "(030) 123-4567",
        "C01X00T47",
        "Bearer abc.def",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln",
        "vh_0123456789abcdef_secret",
    ],
)
def test_personal_data_is_redacted_inside_a_text(personal: str) -> None:
    """The words around it stay."""
    said = redact_text(f"call {personal} please")

    assert (said.startswith("call "), said.endswith(" please"), REDACTED in said) == (True, True, True)
    assert personal not in said


@pytest.mark.parametrize(
    "harmless",
    [
        "from 2027-05-01 to 2027-05-03",
        "room 101, two adults",
        "240.00 EUR",
        "BREAKFAST",
        "at 10:30",
        "MUC-DBL",
        "621a4b5f-7510-4550-bac4-0c5c4b5635b3",
    ],
)
def test_what_is_not_personal_stays(harmless: str) -> None:
    """Dates, rooms, prices."""
    assert redact_text(harmless) == harmless


def test_what_stands_under_a_personal_key_is_redacted_whole() -> None:
    """Whatever it looks like, and however deep."""
    value = {"guest": {"last_name": "Muster", "stay": [{"email": None, "phone": "x"}]}, "room": "101"}

    assert redact_value(value) == {
        "guest": {"last_name": REDACTED, "stay": [{"email": None, "phone": REDACTED}]},
        "room": "101",
    }


@given(st.from_regex(r"[a-z]{1,10}@[a-z]{1,10}\.[a-z]{2,5}", fullmatch=True), st.text(max_size=20))
def test_an_address_never_gets_through(address: str, around: str) -> None:
    """Whatever stands before and after it."""
    assert address not in redact_text(f"{around} {address} {around}")


@given(st.integers(10**12, 10**19 - 1))
def test_a_card_number_never_gets_through(number: int) -> None:
    """Thirteen to nineteen digits."""
    assert str(number) not in redact_text(f"card {number}, thanks")
