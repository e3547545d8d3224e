"""Personal data and secrets are removed from texts and values; everything else stays readable."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.observability import redaction
from orchestrator.observability.redaction import (
    MAX_TEXT_CHARACTERS,
    REDACTED,
    REDACTION_STEPS,
    TRUNCATED,
    redact_text,
    redact_value,
)

CARD = "4111111111111111"


@pytest.mark.parametrize(
    "personal",
    [
        "ada.muster@example.org",
        "ADA+hotel@mail.example.co.uk",
        "max@localhost",
        "ünal@exämple.de",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111  1111  1111  1111",
        "4111\u00a01111\u00a01111\u00a01111",
        "4111_1111_1111_1111",
        "4111,1111,1111,1111",
        "4111, 1111, 1111, 1111",
        "4111\n1111\n1111\n1111",
        "4111\r\n1111\r\n1111\r\n1111",
        "1234_5678_9012_3456",
        "3782_822463_10005",
        "x4111111111111111",
        "4111111111111111x",
        "No4111 1111 1111 1111",
        "378282246310005",
        "+49 30 123456",
        "+4930123456",
        "030/1234567",
        "(030) 123-4567",
        "0171--555--0199",
        "0171 - 555 - 0199",
        "0171\u00a0555\u00a00199",
        "0171\u20135550199",
        "Tel0171 5550199",
        "C01X00T47",
        "c01x00t47",
        "C01x00t47",
        "x1234567",
        "DE89370400440532013000",
        "DE89 3704 0044 0532 0130 00",
        "de89 3704 0044 0532 0130 00",
        "GB82 WEST 1234 5698 7654 32",
        "GB82WEST12345698765432",
        "NO9386011117947",
        "Bearer abc.def",
        "bearer\tabc",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln",
        "token-eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln",
        "vh_0123456789abcdef_secret",
    ],
)
def test_personal_data_is_redacted_inside_text(personal: str) -> None:
    """The words around it stay."""
    redacted = redact_text(f"call {personal} please")

    assert (redacted.startswith("call "), redacted.endswith(" please")) == (True, True)
    assert REDACTED in redacted
    assert personal not in redacted
    assert sum(map(str.isdecimal, redacted)) <= 3


@pytest.mark.parametrize(
    "harmless",
    [
        "from 2027-05-01 to 2027-05-03",
        "room 101, two adults",
        "rooms 101, 102, 103",
        "240.00 EUR",
        "1,240.00 EUR",
        "BREAKFAST",
        "at 10:30",
        "at 2027-05-01T15:00:00.123456+02:00",
        "MUC-DBL",
        "XPGMSXGF-1",
        "item-000001",
        "EV_1234567890",
        "call-3f2a1b9c",
        "a1b2c3d4",
        "heyJude and the others",
        "621a4b5f-7510-4550-bac4-0c5c4b5635b3",
        "a1234567-7510-4550-8044-012345678901",
        "12345678-1234-4234-8234-123456789012",
        "d41d8cd98f00b204e9800998ecf8427e",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ],
)
def test_harmless_text_is_kept(harmless: str) -> None:
    """Dates, rooms, prices, ids and hashes stay readable."""
    assert redact_text(harmless) == harmless


@pytest.mark.parametrize("number", [CARD, "4111 1111 1111 1111", "0171 5550199", "+49 30 123456"])
def test_number_next_to_date_is_redacted(number: str) -> None:
    """A date does not protect the numbers on the same line."""
    assert redact_text(f"2027-05-01 {number} 2027-05-03") == f"2027-05-01 {REDACTED} 2027-05-03"


def test_value_of_sensitive_field_is_redacted_completely() -> None:
    """Whatever the value looks like, and however deep it is nested."""
    value = {"guest": {"last_name": "Muster", "stay": [{"email": None, "phone": "x"}]}, "room": "101"}

    assert redact_value(value) == {
        "guest": {"last_name": REDACTED, "stay": [{"email": None, "phone": REDACTED}]},
        "room": "101",
    }


@pytest.mark.parametrize("value", [b"card 4111111111111111", ValueError("card 4111111111111111")])
def test_value_without_json_form_is_redacted_as_text(value: object) -> None:
    """A logger would write the representation of such a value."""
    assert redact_value(value) == f"card {REDACTED}"


@given(st.from_regex(r"[a-z]{1,10}@[a-z]{1,10}(\.[a-z]{2,5})?", fullmatch=True), st.text(max_size=20))
def test_email_address_is_redacted_in_any_text(address: str, around: str) -> None:
    """The text before and after the address makes no difference."""
    assert address not in redact_text(f"{around} {address} {around}")


@given(st.integers(10**12, 10**19 - 1))
def test_card_number_is_redacted(number: int) -> None:
    """Card numbers have thirteen to nineteen digits."""
    assert str(number) not in redact_text(f"card {number}, thanks")


def luhn_valid(digits: str) -> str:
    """Replace the last digit by the check digit of the Luhn algorithm."""
    for check_digit in "0123456789":
        number = digits[:-1] + check_digit
        doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(number))]
        if sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0:
            return number
    raise AssertionError("unreachable")


SEPARATORS = st.sampled_from(["", " ", "  ", "\u00a0", "_", ",", ", ", "\n", "\r\n", "-", " - ", ".", "/"])
CARD_NUMBERS = st.from_regex(r"[1-9][0-9]{15}", fullmatch=True).map(luhn_valid)


@given(CARD_NUMBERS, SEPARATORS, st.sampled_from(["", "x", "No.", "2027-05-01 ", "card: "]))
def test_grouped_card_number_is_redacted(number: str, separator: str, before: str) -> None:
    """Whatever separates the groups, and whatever is before the number."""
    grouped = separator.join(number[index : index + 4] for index in range(0, 16, 4))

    redacted = redact_text(f"{before}{grouped} thanks")

    assert redacted == f"{before}{REDACTED} thanks"


@given(
    st.sampled_from(["0", "+49", "0049"]),
    st.lists(st.from_regex(r"[0-9]{2,5}", fullmatch=True), min_size=3, max_size=4),
    st.sampled_from([" ", "  ", "-", "--", "/", " - ", ".", "\u00a0", "\u2013"]),
)
def test_grouped_phone_number_is_redacted(prefix: str, groups: list[str], separator: str) -> None:
    """The separator between the groups makes no difference."""
    redacted = redact_text(f"call {prefix}{separator.join(groups)} please")

    assert redacted == f"call {REDACTED} please"


@given(st.uuids())
def test_uuid_is_kept(uuid: object) -> None:
    """Ids stay readable, whatever digits they contain."""
    assert redact_text(f"call {uuid} ended") == f"call {uuid} ended"


@given(st.binary(min_size=16, max_size=32).map(bytes.hex).filter(lambda text: not text.isdecimal()))
def test_hash_is_kept(digest: str) -> None:
    """Pseudonyms stay readable, whatever digits they contain."""
    assert redact_text(f"subject {digest}") == f"subject {digest}"


def test_long_text_is_cut() -> None:
    """The time that one value costs is bounded."""
    text = "x " * MAX_TEXT_CHARACTERS

    redacted = redact_text(text + CARD)

    assert redacted == text[:MAX_TEXT_CHARACTERS] + TRUNCATED


HOSTILE = [
    "eyJ-", "eyJ.", "eyJ", "eyJa.", "a.eyJ-", "vh_", "bearer ", "bearer\t\t", "a@", "@a", "a.", "a@a.", "a-",
    "1", "1 ", "1   ", "1,", "1_", "1-", "+1", "(1", "1\n", "41 11 ", "12345 ", "4111111111111111,", "2027-05-01 ", "2027-05-01T",
    "A1", "A1b2", "DE89", "DE89 ", "DE89 3704 ", "c01x00t4 ", "a1b2c3d4-", "0f", " ", "\u00a0", "x", "\u0660",
]  # fmt: skip


def redaction_seconds(step: Callable[[str], str], text: str) -> float:
    """Return the least processor time of three runs, which depends little on what else the machine does."""
    durations = []
    for _ in range(3):
        started = time.process_time()
        step(text)
        durations.append(time.process_time() - started)
    return min(durations)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_redaction_takes_linear_time(hostile: str) -> None:
    """Eight times the text takes about eight times the time in each step; a quadratic step takes 64 times as long."""
    short, long = ((hostile * 32_000)[:size] + "!" for size in (4_000, 32_000))
    for step in REDACTION_STEPS:
        assert redaction_seconds(step, long) < 24 * redaction_seconds(step, short), step.__name__


def test_every_pattern_is_part_of_a_measured_step() -> None:
    """The public function does nothing but cut the text and run the steps."""
    assert [step.__name__ for step in redaction.REDACTION_STEPS] == [
        "_redact_tokens",
        "_redact_emails",
        "_redact_identifiers",
    ]
