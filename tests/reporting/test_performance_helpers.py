"""What the performance suite counts and calculates."""

from __future__ import annotations

import pytest

from tests.integration.performance.endpoint_scenarios import route_of, routes_of
from tests.integration.performance.load import percentile
from tests.integration.performance.request_counts import describe_differences
from tests.integration.performance.scalability import Level, find_knee
from tests.integration.performance.wire_protocols import CommandReader, PostgresqlReader, RedisReader

GET = b"*2\r\n$3\r\nGET\r\n$5\r\ncalls\r\n"
SET = b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\n\r\n*1\r\n"
HANDSHAKE = b"*3\r\n$5\r\nhello\r\n$1\r\n3\r\n$4\r\nauth\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n1\r\n"


def postgresql_message(kind: bytes, content: bytes) -> bytes:
    """Return a message of PostgreSQL's protocol; that of the start has no type."""
    return kind + (len(content) + 4).to_bytes(4) + content


STARTUP = postgresql_message(b"", b"\x00\x03\x00\x00user\x00postgres\x00\x00")
PREPARE = postgresql_message(b"P", b"s1\x00SELECT 1\x00") + postgresql_message(b"S", b"")
EXECUTE = postgresql_message(b"B", b"\x00s1\x00") + postgresql_message(b"E", b"\x00\x00\x00\x00\x00")
BEGIN = postgresql_message(b"Q", b"BEGIN;\x00")


@pytest.mark.parametrize(
    ("reader_type", "content", "expected"),
    [
        (RedisReader, HANDSHAKE + GET + SET, [True, True]),
        (RedisReader, GET[:-1], []),
        (PostgresqlReader, STARTUP + PREPARE + EXECUTE + BEGIN, [False, False, False, True, True]),
        (PostgresqlReader, STARTUP[:-1], []),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 4096])
def test_commands_are_counted_however_the_stream_is_cut(
    reader_type: type[CommandReader], content: bytes, expected: list[bool], size: int
) -> None:
    """What only opens a connection is left out; the values may hold line ends and commands."""
    reader = reader_type()

    commands = [
        command
        for start in range(0, len(content), size)
        for command in reader.feed(content[start : start + size])
    ]

    assert commands == expected


@pytest.mark.parametrize(
    ("rates", "knee"),
    [([10, 20, 39, 41, 42, 40], 4), ([10, 9, 8], 1), ([10, 20, 40], 4)],
)
def test_knee_is_the_fewest_calls_with_90_percent_of_the_highest_throughput(
    rates: list[float], knee: int
) -> None:
    """Without a bend it is the last level, without a gain the first one."""
    curve = [Level(2**index, rate, 0.0) for index, rate in enumerate(rates)]

    assert find_knee(curve) == knee


@pytest.mark.parametrize(("percent", "expected"), [(50, 2), (95, 4), (99, 4), (25, 1)])
def test_percentile_is_that_of_the_nearest_rank(percent: int, expected: int) -> None:
    """It is always one of the values."""
    assert percentile([4, 1, 3, 2], percent) == expected


def test_difference_names_endpoint_quantity_expected_and_actual_count() -> None:
    """A quantity that is missing on one side counts as zero."""
    lines = describe_differences(
        "GET /healthz", {"Redis commands": 1}, {"Redis commands": 2, "tts stream": 1}
    )

    assert lines == [
        "GET /healthz: Redis commands: expected 1, actual 2",
        "GET /healthz: tts stream: expected 0, actual 1",
    ]


def test_routes_of_a_document_are_compared_with_those_of_the_scenarios() -> None:
    """A scenario's name may say what is special about its request; `parameters` is no method."""
    document = {"paths": {"/gdpr/export/{subject}": {"get": {}, "parameters": []}, "/tts": {"post": {}}}}

    assert routes_of(document) == {("GET", "/gdpr/export/{subject}"), ("POST", "/tts")}
    assert [route_of(name) for name in ("GET /gdpr/export/{subject}", "POST /tts: cached")] == [
        ("GET", "/gdpr/export/{subject}"),
        ("POST", "/tts"),
    ]
