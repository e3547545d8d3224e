"""What is recorded of responses, error bodies and messages that the vendors' clients parse."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from contract_usage.exchanges import Exchange, Instance
from contract_usage.usage_log import Kind, Reads, Usage, UsageLog, read_usage
from contract_usage.uses import Use

PROGRAM = Path(__file__).with_name("recorded_client.py")
CHECKOUT = PROGRAM.parents[2]
CONFIGURATION = Exchange("mews", "getConfiguration", 200)


@pytest.fixture(scope="module")
def usage(tmp_path_factory: pytest.TempPathFactory) -> Usage:
    """What the program recorded."""
    folder = tmp_path_factory.mktemp("usage")
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(folder)],
        capture_output=True,
        text=True,
        env=environment,
        cwd=CHECKOUT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return read_usage(folder)


@pytest.mark.parametrize(
    ("exchange", "paths"),
    [
        (
            Exchange("livekit", "ListParticipants", 200),
            {"$.participants", "$.participants[*].identity"},
        ),
        (Exchange("livekit", "DeleteRoom", 404), {"$.code", "$.meta", "header retry-after"}),
        (Exchange("livekit", "message room_finished", 0), {"$.id"}),
        (Exchange("livekit", "StartRoomCompositeEgress", 200), {"$.egress_id"}),
        (Exchange("livekit", "CreateRoom", 200), set()),
        (
            Exchange("tts", "stream", 401),
            {"$.detail", "$.detail.status", "$.detail.message", "header retry-after"},
        ),
        (Exchange("tts", "streamWithTimestamps", 200), {"$.audio_base64"}),
        (Exchange("vault", "readSecret", 200), {"$.data", "$.data.data", "$.data.data.KEY"}),
        (Exchange("vault", "renewSelf", 200), set()),
    ],
    # a set is printed in another order by each process
    ids=lambda value: str(value) if isinstance(value, Exchange) else "",
)
def test_recorded_paths(usage: Usage, exchange: Exchange, paths: set[str]) -> None:
    """A success, an error, a stream, a message, a mapping, and a body that is not valid."""
    assert {path for reads in usage[exchange].values() for path in reads.read} == paths


@pytest.mark.parametrize(
    ("exchange", "interactions"),
    [
        (Exchange("livekit", "DeleteRoom", 404), {"a room that does not exist being deleted"}),
        (Exchange("livekit", "message room_finished", 0), {"a room was finished"}),
        (Exchange("tts", "streamWithTimestamps", 200), {"a text streamed with times"}),
        # the pact demands keys that this secret does not have
        (Exchange("vault", "readSecret", 200), set()),
    ],
    ids=str,
)
def test_interactions(usage: Usage, exchange: Exchange, interactions: set[str]) -> None:
    """A response with all members of an example is its instance; of a stream, the request decides."""
    assert [kind.interactions for kind in usage[exchange]] == [interactions]


def test_candidates(usage: Usage) -> None:
    """A response that lacks something may still belong to an interaction, as far as its values tell."""
    [kind] = usage[Exchange("vault", "readSecret", 200)]

    assert kind.candidates == {"a secret"}


def test_values(usage: Usage) -> None:
    """A field that the response lacks is read too, without a value."""
    [reads] = usage[Exchange("livekit", "DeleteRoom", 404)].values()

    assert reads == Reads({"$.code", "$.meta", "header retry-after"}, {"$.code"})


def test_required_fields(usage: Usage) -> None:
    """What the models require is known, whether it is read or not."""
    [reads] = usage[Exchange("vault", "readSecret", 200)].values()

    assert reads.required == {"$.data", "$.data.data", "$.data.metadata", "$.data.metadata.version"}


def test_no_other_exchange(usage: Usage) -> None:
    """Concurrent requests are told apart."""
    assert len(usage) == 9


def test_record_of_a_killed_process(tmp_path: Path) -> None:
    """A fact is written at once and only once; a line that was cut off is left out."""
    log = UsageLog(tmp_path)
    for _ in range(2):
        log.reporter(Instance(CONFIGURATION, ("the hotel",)))("$.Enterprise", Use.READ)
    [file] = tmp_path.iterdir()
    assert file.read_bytes() == b'["mews", "getConfiguration", 200, ["the hotel"], [], "$.Enterprise", 1]\n'
    file.write_bytes(file.read_bytes() + b'["mews", "getConf')

    assert read_usage(tmp_path) == {
        CONFIGURATION: {Kind(frozenset({"the hotel"})): Reads({"$.Enterprise"}, {"$.Enterprise"})}
    }


def test_records_of_several_processes(tmp_path: Path) -> None:
    """A response of which nothing was read is known too; a value in one process is a value."""
    hotel, cancelled = Instance(CONFIGURATION, ("the hotel",)), Exchange("mews", "cancel", 204)
    UsageLog(tmp_path).record(hotel)
    for use in (Use.ASKED, Use.READ, Use.ASKED):
        UsageLog(tmp_path).reporter(hotel)("$.Enterprise", use)
    unlike = Instance(CONFIGURATION, (), ("the hotel",))
    UsageLog(tmp_path).reporter(unlike)("$.Enterprise", Use.ASKED)
    UsageLog(tmp_path).reporter(unlike)("$.Id", Use.REQUIRED)
    UsageLog(tmp_path).record(Instance(cancelled))

    assert read_usage(tmp_path) == {
        CONFIGURATION: {
            Kind(frozenset({"the hotel"})): Reads({"$.Enterprise"}, {"$.Enterprise"}),
            Kind(frozenset(), frozenset({"the hotel"})): Reads({"$.Enterprise"}, required={"$.Id"}),
        },
        cancelled: {Kind(frozenset()): Reads()},
    }
