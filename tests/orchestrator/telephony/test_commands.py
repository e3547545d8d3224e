"""`python -m orchestrator telephony`: what it prints; the suites run it with the stub vendor."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import structlog
from typer.testing import CliRunner, Result

from orchestrator import telephony_commands
from orchestrator.__main__ import commands
from orchestrator.telephony.setup.desired import desired_settings
from orchestrator.telephony.setup.hotel_file import parse_hotel_file
from orchestrator.telephony.setup.plan import Existing

FILE = """
hotel = "MUC"
[[inbound_trunks]]
name = "reception"
numbers = ["+4989111111"]
[[dispatch_rules]]
name = "calls"
inbound_trunks = ["reception"]
"""
HOSTILE = "\x1b]0;owned\x07\n\u202e"
ESCAPED = "\\x1b]0;owned\\x07\\n\\u202e"
LIVEKIT = {"LIVEKIT_URL": "http://127.0.0.1:9", "LIVEKIT_API_KEY": "key", "LIVEKIT_API_SECRET": "s" * 32}


class EndlessTrunks(BaseHTTPRequestHandler):
    """Responds with more trunks than anybody reads, whatever page is asked for."""

    def do_POST(self) -> None:
        """Send trunks until the client has enough."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        trunk = b'{"sip_trunk_id":"ST_1","name":"","metadata":"","numbers":["+4989111111"]},'
        with suppress(ConnectionError):
            self.wfile.write(b'{"items":[')
            while True:
                self.wfile.write(trunk * 10_000)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def endless_trunks() -> Iterator[str]:
    """The address of a LiveKit with hundreds of thousands of trunks."""
    server = HTTPServer(("127.0.0.1", 0), EndlessTrunks)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    """The command turns the log of its process off."""
    configuration = structlog.get_config()
    yield
    structlog.configure(**configuration)


def run(folder: Path, command: str, text: str, charset: str = "utf-8", **settings: str) -> Result:
    """Run a command with a file; nobody confirms."""
    file = folder / "hotel.toml"
    file.write_text(text, encoding="utf-8")
    environment = {**LIVEKIT, **settings}
    return CliRunner(charset=charset).invoke(commands, ["telephony", command, str(file)], env=environment)


def answer_with(monkeypatch: pytest.MonkeyPatch, **fields: object) -> None:
    """Let LiveKit have one inbound trunk, that of the file with some other fields."""
    trunk = desired_settings(parse_hotel_file(tomllib.loads(FILE)), {})[0]
    item = Existing(f"ST_1{HOSTILE}", replace(trunk, **fields))  # type: ignore[arg-type] # the fields are those of the test

    async def read_existing(_: object) -> list[Existing]:
        return [item]

    monkeypatch.setattr(telephony_commands, "read_existing", read_existing)


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        ("plan", {"metadata": f"voicehive-telephony:MUC/{HOSTILE}"}),
        ("remove", {"metadata": f"voicehive-telephony:MUC/{HOSTILE}"}),
        ("plan", {"name": HOSTILE, "auth_username": HOSTILE}),
        ("plan", {"name": "another", "metadata": HOSTILE}),
    ],
    ids=["mark", "mark of a removal", "difference", "conflict"],
)
def test_livekit_cannot_control_the_terminal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str, fields: dict[str, object]
) -> None:
    """Whoever may write to LiveKit may write any text into ids, names and marks."""
    answer_with(monkeypatch, **fields)

    result = run(tmp_path, command, FILE)

    assert f"ST_1{ESCAPED}" in result.output
    assert all(character.isprintable() or character == "\n" for character in result.output)


def test_file_cannot_control_the_terminal(tmp_path: Path) -> None:
    """Quoted keys may contain every character."""
    result = run(tmp_path, "plan", '"\\u001b]0;owned\\u0007" = 1\n' + FILE)

    assert result.exit_code == 2
    assert "  \\x1b]0;owned\\x07: is not a field of the file; is it misspelled?\n" in result.output


def test_text_that_the_terminal_cannot_show_is_escaped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A name with an umlaut is no reason to fail."""
    answer_with(monkeypatch, metadata="voicehive-telephony:MUC/k\u00fcche")

    result = run(tmp_path, "plan", FILE, charset="ascii")

    assert (result.exit_code, "k\\xfcche" in result.output) == (3, True), result.output


def test_more_trunks_than_can_be_read_are_named_as_the_reason(tmp_path: Path, endless_trunks: str) -> None:
    """LiveKit's server ignores the limit of a page, so that reading has a limit of its own."""
    result = run(tmp_path, "plan", FILE, LIVEKIT_URL=endless_trunks)

    assert result.exit_code == 1
    assert (
        "LiveKit has more trunks or rules than can be compared with a file (16 MiB of them)" in result.output
    )
