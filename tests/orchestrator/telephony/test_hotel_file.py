"""A hotel's file: what is accepted, and that each problem names its field."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from orchestrator.telephony.setup.hotel_file import (
    InvalidHotelFileError,
    parse_hotel_file,
    read_hotel_file,
)

VALID = """
hotel = "MUC"

[[inbound_trunks]]
name = "reception"
numbers = ["+4989111111"]

[[outbound_trunks]]
name = "provider"
address = "sip.example.org:5061"
transport = "tls"
numbers = ["+4989111111"]

[[dispatch_rules]]
name = "calls"
inbound_trunks = ["reception"]
"""
SECOND_TRUNK = """
[[inbound_trunks]]
name = "spa"
numbers = ["+4989111111"]
"""


def problems_of(text: str, environment: dict[str, str] | None = None) -> list[str]:
    """Return the problems of a file."""
    with pytest.raises(InvalidHotelFileError) as error:
        parse_hotel_file(tomllib.loads(text), environment)
    return error.value.problems


def test_valid_file_is_accepted() -> None:
    """Fields that are left out have defaults."""
    file = parse_hotel_file(tomllib.loads(VALID), {})

    assert (file.inbound_trunks[0].allowed_numbers, file.dispatch_rules[0].agents) == ([], [])
    assert file.outbound_trunks[0].transport == "tls"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('hotel = "MUC"', "", "hotel: is missing"),
        ('hotel = "MUC"', "hotel = 7", "hotel: should be a valid string"),
        ('hotel = "MUC"', 'hotel = "M/C"', "hotel: should be letters, digits"),
        ('hotel = "MUC"', 'hotel = "MUC"\nroom = 1', "room: is not a field of the file"),
        ('["+4989111111"]', '["089 111"]', "inbound_trunks[0].numbers[0]: should be a number in the form"),
        ('["+4989111111"]', "[]", "inbound_trunks[0].numbers: list should have at least 1 item"),
        ("sip.example.org:5061", "sip:hotel@example.org", "outbound_trunks[0].address: should be host"),
        ("sip.example.org:5061", "a;transport=tcp", "outbound_trunks[0].address: should be host"),
        ('"tls"', '"TLS"', "outbound_trunks[0].transport: should be 'auto', 'udp', 'tcp' or 'tls'"),
        ('name = "reception"', 'name = "spa"', "dispatch_rules: the file has no inbound trunk 'reception'"),
        ('name = "reception"', 'name = "spa"', "inbound_trunks: 'spa' should be in a dispatch rule"),
        (
            '["reception"]',
            '["reception", "reception"]',
            "dispatch_rules: the inbound trunk 'reception' should",
        ),
        ('["reception"]', '"reception"', "dispatch_rules[0].inbound_trunks: should be a valid list"),
        ('name = "calls"', "", "dispatch_rules[0].name: is missing"),
        ('name = "reception"', "name = [1]", "inbound_trunks[0].name: should be a valid string"),
        ('["reception"]', "[{}]", "dispatch_rules[0].inbound_trunks[0]: should be a valid string"),
        (
            'inbound_trunks = ["reception"]',
            'inbound_trunks = ["reception"]\nagents = [""]',
            "dispatch_rules[0].agents",
        ),
        ("[[inbound_trunks]]", "[inbound_trunks]", "inbound_trunks: should be a valid list"),
        ('name = "reception"', 'name = "reception"\nallowed_addresses = ["x"]', "inbound_trunks[0].allowed_"),
        (
            'name = "reception"',
            'name = "reception"\nauth_username = "x"',
            "inbound_trunks[0]: auth_username and",
        ),
    ],
)
def test_problem_names_its_field(old: str, new: str, problem: str) -> None:
    """The message says what would be right."""
    assert any(found.startswith(problem) for found in problems_of(VALID.replace(old, new, 1)))


def test_all_problems_are_reported_at_once() -> None:
    """Those of fields, of names and of the environment."""
    text = VALID.replace('"tls"', '"tcp"\nauth_username = "x"\nauth_password_env = "NO_SUCH"')

    problems = problems_of(text.replace('"MUC"', '""').replace('["reception"]', '["bar"]'), {})

    assert [problem.partition(":")[0] for problem in problems] == [
        "hotel",
        "outbound_trunks[0].auth_password_env",
        "dispatch_rules",
        "inbound_trunks",
    ]


@pytest.mark.parametrize("password", ["", "\udcff", "line\nbreak"])
def test_password_that_cannot_be_sent_is_a_problem(password: str) -> None:
    """An empty one, or one that is not printable text; the message does not contain it."""
    text = VALID.replace('"tls"', '"tls"\nauth_username = "x"\nauth_password_env = "PASSWORD"')

    assert problems_of(text, {"PASSWORD": password}) == [
        "outbound_trunks[0].auth_password_env: the environment variable 'PASSWORD' should hold the password, as printable text"
    ]


@pytest.mark.parametrize(
    ("callers", "is_valid"),
    [
        (("", ""), False),
        (("+4930111111", "+4930111111"), False),
        (("+4930111111", "+4930222222"), True),
        (("+4930111111", ""), True),
    ],
)
def test_number_of_two_trunks_needs_different_callers(callers: tuple[str, str], *, is_valid: bool) -> None:
    """As LiveKit decides it: a trunk for all callers may stand beside one for some."""
    first, second = (f'allowed_numbers = ["{caller}"]' if caller else "" for caller in callers)
    text = VALID.replace('name = "reception"', f'name = "reception"\n{first}')
    text = text.replace('["reception"]', '["reception", "spa"]') + SECOND_TRUNK + second

    if is_valid:
        parse_hotel_file(tomllib.loads(text), {})
    else:
        [problem] = problems_of(text)
        assert problem.startswith(
            "inbound_trunks: +4989111111 should be on one trunk only, it is on 'reception'"
        )


def test_duplicate_name_is_a_problem() -> None:
    """Names identify what a file created."""
    text = VALID + SECOND_TRUNK.replace("spa", "reception").replace("4989111111", "4989222222")

    assert problems_of(text) == ["inbound_trunks: the name 'reception' should be used once"]


@pytest.mark.parametrize(
    "content", [b"hotel = ", b"\xff\xfe", b"hotel = 1\nhotel = 2", b"hotel = " + b"[" * 100_000]
)
def test_file_that_is_not_toml_is_a_problem(tmp_path: Path, content: bytes) -> None:
    """A typing error is reported with its place."""
    path = tmp_path / "hotel.toml"
    path.write_bytes(content)

    with pytest.raises(InvalidHotelFileError, match="is not TOML"):
        read_hotel_file(path)


@pytest.mark.parametrize("number", ["1" * 5000, "-" + "1_1" * 3000, "[\n  7,\n  " + "1" * 5000 + "]"])
def test_integer_that_is_too_long_is_a_problem_of_its_field(tmp_path: Path, number: str) -> None:
    """CPython converts at most 4300 digits, and does not say where they are."""
    path = tmp_path / "hotel.toml"
    path.write_text(f'agents = ["{"1" * 5000}"]\nhotel = {number}\nname = 1')

    with pytest.raises(InvalidHotelFileError) as error:
        read_hotel_file(path)

    assert error.value.problems == ["hotel: has too many digits"]


def test_long_hexadecimal_names_are_problems_of_their_fields() -> None:
    """TOML reads them without a limit, and only showing them would fail."""
    trunk = f"[[inbound_trunks]]\nname = 0x{'f' * 5000}\nnumbers = []\n"

    assert "inbound_trunks[1].name: should be a valid string" in problems_of(trunk + trunk)
