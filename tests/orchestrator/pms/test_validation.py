"""Phone numbers of the PMS, which are free text, compared with that of a caller."""

from __future__ import annotations

import pytest

from orchestrator.pms.validation import is_phone, normalize_phone

PHONE = "+4930123456"


@pytest.mark.parametrize(
    "written",
    [
        "+4930123456",
        "030 123456",
        "(030) 12 34-56",
        "0049 30.123456",
        "030/123456",
        "030 123456 ext. 9876",
        "\uff10\uff13\uff10 \uff11\uff12\uff13\uff14\uff15\uff16",
        "+1 30 123456",
        "030 123457",
        "456",
        "unknown",
        "",
        None,
    ],
)
def test_phone_is_recognized_however_it_is_written(written: str | None) -> None:
    """The result is that of parsing the number, whatever is compared first."""
    assert is_phone(written, "DE", PHONE) is (normalize_phone(written, "DE") == PHONE)


@pytest.mark.parametrize(
    ("written", "phone"),
    [("1-800-FLOWERS", "+18003569377"), ("011 15-2312-1234", "+5491123121234")],
)
def test_phone_with_letters_or_a_local_prefix_is_recognized(written: str, phone: str) -> None:
    """Letters stand for digits, and in Argentina a mobile number is written with another prefix at home."""
    region = "US" if phone.startswith("+1") else "AR"

    assert is_phone(written, region, phone)
