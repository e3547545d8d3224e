"""The file of a hotel's telephony, in TOML, and everything that can be wrong with it."""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from orchestrator.phone_numbers import E164_PATTERN
from orchestrator.telephony.setup.numbers import shared_numbers

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,62}")
PHONE_NUMBER = re.compile(E164_PATTERN)
# letters, digits, dots and hyphens, or an IPv6 address in brackets; then a port
ADDRESS = re.compile(r"([A-Za-z0-9.\-]{1,253}|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
# outside of a text; no other value of TOML has that many digits
LONG_INTEGER = re.compile(r"""(?<![\w"'.+-])[+-]?[0-9][0-9_]{4299,}""")
KEY = re.compile(r"""([\w."'-]+)[ \t]*=""")


class InvalidHotelFileError(Exception):
    """The file cannot be used; `problems` names every field that is wrong and what would be right."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(self.problems))


def _matching(pattern: re.Pattern[str], requirement: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(f"should be {requirement}, it is {value!r}")
        return value

    return AfterValidator(check)


def _require_network(value: str) -> str:
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise ValueError(
            f"should be an IP address or a network such as 203.0.113.0/24, it is {value!r}"
        ) from None
    return value


Name = Annotated[str, _matching(NAME, "letters, digits, '_', '.' and '-', at most 63 characters")]
PhoneNumber = Annotated[str, _matching(PHONE_NUMBER, "a number in the form +4989123456 (E.164)")]
Address = Annotated[
    str, _matching(ADDRESS, "host or host:port without 'sip:' and parameters, such as sip.example.com:5060")
]
Network = Annotated[str, AfterValidator(_require_network)]


AgentName = Annotated[str, Field(min_length=1, max_length=100)]


def _is_text(value: str | None) -> bool:
    # the environment holds bytes: those that are not UTF-8 become text that cannot be sent
    return value is not None and value != "" and value.isprintable()


class FileSection(BaseModel):
    """A part of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Trunk(FileSection):
    """What inbound and outbound trunks share.

    Attributes:
        auth_password_env: the environment variable that holds the password of SIP authentication.
    """

    name: Name
    numbers: list[PhoneNumber] = Field(min_length=1)
    auth_username: str = ""
    auth_password_env: str = ""

    @field_validator("auth_password_env")
    @classmethod
    def _require_variable(cls, variable: str, info: ValidationInfo) -> str:
        # without a context the passwords are not needed, for example to remove trunks
        if variable and info.context is not None and not _is_text(info.context.get(variable)):
            raise ValueError(
                f"the environment variable {variable!r} should hold the password, as printable text"
            )
        return variable

    @model_validator(mode="after")
    def _require_both_or_neither(self) -> Self:
        if bool(self.auth_username) != bool(self.auth_password_env):
            raise ValueError("auth_username and auth_password_env should be set together")
        return self

    def password(self, environment: Mapping[str, str]) -> SecretStr:
        """Return the password, which is empty without authentication."""
        return SecretStr(environment[self.auth_password_env] if self.auth_password_env else "")


class InboundTrunk(Trunk):
    """Numbers of the hotel whose calls LiveKit accepts.

    Attributes:
        allowed_addresses: the provider's addresses; empty for all.
        allowed_numbers: the callers that are accepted; empty for all.
    """

    allowed_addresses: list[Network] = []
    allowed_numbers: list[PhoneNumber] = []


class OutboundTrunk(Trunk):
    """The provider for outgoing calls."""

    address: Address
    transport: Literal["auto", "udp", "tcp", "tls"] = "auto"


class DispatchRule(FileSection):
    """Gives each call on its trunks a room, to which the agents are dispatched."""

    name: Name
    inbound_trunks: list[str] = Field(min_length=1)
    agents: list[AgentName] = []


class HotelFile(FileSection):
    """A hotel's telephony."""

    hotel: Name
    inbound_trunks: list[InboundTrunk] = []
    outbound_trunks: list[OutboundTrunk] = []
    dispatch_rules: list[DispatchRule] = []


def read_hotel_file(path: Path, environment: Mapping[str, str] | None = None) -> HotelFile:
    """Read and check a file.

    Args:
        path: the file.
        environment: must hold the passwords that the file names; None if they are not needed.

    Raises:
        InvalidHotelFileError: with all problems of the file.
    """
    text = ""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    # RecursionError: of arrays that are nested a thousand times
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidHotelFileError([f"is not TOML: {error}"]) from None
    # CPython converts no text with that many digits; tomllib lets its error pass, which does not say where they are
    except ValueError:
        raise InvalidHotelFileError([f"{_field_of_long_integer(text)}: has too many digits"]) from None
    return parse_hotel_file(data, environment)


def parse_hotel_file(data: dict[str, Any], environment: Mapping[str, str] | None = None) -> HotelFile:
    """Check the contents of a file, as `read_hotel_file`."""
    references = list(_reference_problems(data))
    try:
        file = HotelFile.model_validate(data, context=environment)
    except ValidationError as error:
        fields = [f"{_path(issue['loc'])}: {_message(issue)}" for issue in error.errors()]
        raise InvalidHotelFileError([*fields, *references]) from None
    if problems := [*references, *_number_problems(file.inbound_trunks)]:
        raise InvalidHotelFileError(problems)
    return file


def _field_of_long_integer(text: str) -> str:
    """Return the last key before the first integer that is too long."""
    before, *_ = LONG_INTEGER.split(text, maxsplit=1)
    return next(reversed(KEY.findall(before)), "a number")


def _path(location: tuple[int | str, ...]) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".")


def _message(issue: Mapping[str, Any]) -> str:
    if issue["type"] == "missing":
        return "is missing"
    if issue["type"] == "extra_forbidden":
        return "is not a field of the file; is it misspelled?"
    message = str(issue["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    return message[:1].lower() + message[1:]


def _reference_problems(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield the problems of names, also of a file with other problems."""
    for table in ("inbound_trunks", "outbound_trunks", "dispatch_rules"):
        yield from _duplicates(
            _texts(_column(data, table, "name")), f"{table}: the name {{!r}} should be used once"
        )
    trunks = list(dict.fromkeys(_texts(_column(data, "inbound_trunks", "name"))))
    lists = [names for names in _column(data, "dispatch_rules", "inbound_trunks") if isinstance(names, list)]
    covered = [name for names in lists for name in _texts(names)]
    for name in dict.fromkeys(name for name in covered if name not in trunks):
        yield f"dispatch_rules: the file has no inbound trunk {name!r}"
    for name in trunks:
        if name not in covered:
            yield f"inbound_trunks: {name!r} should be in a dispatch rule: its calls would ring and never be answered"
    yield from _duplicates(covered, "dispatch_rules: the inbound trunk {!r} should be in one rule only")


def _texts(values: Iterable[Any]) -> list[str]:
    return [value for value in values if isinstance(value, str)]


def _column(data: Mapping[str, Any], table: str, field: str) -> list[Any]:
    rows = data.get(table)
    if not isinstance(rows, list):
        return []
    return [row[field] for row in rows if isinstance(row, dict) and field in row]


def _duplicates(values: list[str], message: str) -> Iterator[str]:
    for value in [value for index, value in enumerate(values) if value in values[:index]]:
        yield message.format(value)


def _number_problems(trunks: Iterable[InboundTrunk]) -> Iterator[str]:
    for first, second in combinations(trunks, 2):
        for number in shared_numbers(first, second):
            yield (
                f"inbound_trunks: {number} should be on one trunk only, it is on {first.name!r} and "
                f"{second.name!r}; two trunks may share a number if their allowed_numbers differ"
            )
