"""`python -m orchestrator voices`: its exit codes; the suites run it with the stub vendor."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import structlog
from typer.testing import CliRunner

from orchestrator import voice_commands
from orchestrator.__main__ import commands
from orchestrator.vendors.tts.models import Voice
from tests.orchestrator.dummy_settings import DUMMY_VENDOR_SETTINGS


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    """The command turns the log of its process off."""
    configuration = structlog.get_config()
    yield
    structlog.configure(**configuration)


async def read_voices(_: object) -> dict[str, Voice]:
    """Return the voices of an account, of which one has no label."""
    return {"concierge": Voice(voice_id="concierge", name="Concierge", labels={})}


@pytest.mark.parametrize(
    ("voices", "exit_code", "output"),
    [
        ({"en": "concierge"}, 0, "(all hotels)         en           concierge                Concierge\n"),
        ({"en": ["concierge", "gone"]}, 1, "gone                     missing\n"),
        ({"de": "concierge"}, 2, "VOICES should have a voice for 'en'"),
        ({"en": []}, 2, "VOICES: "),
    ],
)
def test_exit_code_tells_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, voices: object, exit_code: int, output: str
) -> None:
    """Every voice is there, one is missing, and a setting that is not valid."""
    monkeypatch.setattr(voice_commands, "_read_voices", read_voices)

    result = CliRunner().invoke(
        commands, ["voices"], env=DUMMY_VENDOR_SETTINGS | {"VOICES": json.dumps(voices)}
    )

    assert (result.exit_code, output in result.output) == (exit_code, True), result.output
