"""What is recorded of responses, error bodies and messages that the vendors' clients parse."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from contract_usage.exchanges import Exchange
from contract_usage.usage_log import Usage, UsageLog, read_usage

PROGRAM = Path(__file__).with_name("recorded_client.py")
CHECKOUT = PROGRAM.parents[2]


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
        (Exchange("livekit", "DeleteRoom", 404), {"$.code", "$.meta"}),
        (Exchange("livekit", "message room_finished", 0), {"$.id"}),
        (Exchange("livekit", "StartRoomCompositeEgress", 200), {"$.egress_id"}),
        (Exchange("livekit", "CreateRoom", 200), set()),
        (Exchange("tts", "stream", 401), {"$.detail", "$.detail.status", "$.detail.message"}),
        (Exchange("tts", "streamWithTimestamps", 200), {"$.audio_base64"}),
        (Exchange("vault", "readSecret", 200), {"$.data", "$.data.data", "$.data.data.KEY"}),
        (Exchange("vault", "renewSelf", 200), set()),
    ],
    # a set is printed in another order by each process
    ids=lambda value: str(value) if isinstance(value, Exchange) else "",
)
def test_recorded_paths(usage: Usage, exchange: Exchange, paths: set[str]) -> None:
    """A success, an error, a stream, a message, a mapping, and a body that is not valid."""
    assert usage[exchange] == paths


def test_no_other_exchange(usage: Usage) -> None:
    """Concurrent requests are told apart."""
    assert len(usage) == 9


def test_record_of_a_killed_process(tmp_path: Path) -> None:
    """A fact is written at once and only once; a line that was cut off is left out."""
    log, exchange = UsageLog(tmp_path), Exchange("mews", "getConfiguration", 200)
    for _ in range(2):
        log.record(exchange, "$.Enterprise")
    [file] = tmp_path.iterdir()
    assert file.read_bytes() == b'["mews", "getConfiguration", 200, "$.Enterprise"]\n'
    file.write_bytes(file.read_bytes() + b'["mews", "getConf')

    assert read_usage(tmp_path) == {exchange: {"$.Enterprise"}}


def test_records_of_several_processes(tmp_path: Path) -> None:
    """An exchange of which nothing was read is known too."""
    UsageLog(tmp_path).record(Exchange("mews", "getConfiguration", 200))
    UsageLog(tmp_path).record(Exchange("mews", "getConfiguration", 200), "$.Enterprise")
    UsageLog(tmp_path).record(Exchange("mews", "cancel", 204))

    assert read_usage(tmp_path) == {
        Exchange("mews", "getConfiguration", 200): {"$.Enterprise"},
        Exchange("mews", "cancel", 204): set(),
    }
