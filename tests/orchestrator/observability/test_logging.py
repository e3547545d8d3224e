"""Log lines are JSON, carry the correlation id, contain no personal data, and never fail a request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
import structlog

from orchestrator.observability import logging
from orchestrator.observability.correlation import correlation_id
from orchestrator.observability.metrics import Metrics

CARD = "4111 1111 1111 1111"


@pytest.fixture(autouse=True)
def restored_configuration() -> Iterator[None]:
    """Restore structlog's configuration and the correlation id after a test."""
    token = correlation_id.set("request-1")
    yield
    correlation_id.reset(token)
    structlog.reset_defaults()


def written_lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The lines written to standard output."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_line_contains_event_and_correlation_id(capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON object per line, whatever the level."""
    logging.configure_logging()

    logging.info("request", status=200)
    logging.warning("degraded", vendor="apaleo")
    logging.exception("unexpected", ValueError("x"))

    lines = written_lines(capsys)
    assert [(line["event"], line["level"]) for line in lines] == [
        ("request", "info"),
        ("degraded", "warning"),
        ("unexpected", "error"),
    ]
    assert {line["correlation_id"] for line in lines} == {"request-1"}
    assert (lines[0]["status"], lines[1]["vendor"], lines[2]["kind"]) == (200, "apaleo", "ValueError")


def test_personal_data_is_redacted(capsys: pytest.CaptureFixture[str]) -> None:
    """Texts, sensitive fields, nested values and the correlation id are redacted."""
    logging.configure_logging()
    correlation_id.set("call-0171-5550199")

    logging.info("request", note=f"card {CARD}", phone="x1", nested={"email": "y", "list": [CARD]})

    [line] = written_lines(capsys)
    assert line["note"] == "card [REDACTED]"
    assert line["phone"] == "[REDACTED]"
    assert line["nested"] == {"email": "[REDACTED]", "list": ["[REDACTED]"]}
    assert line["correlation_id"] == "call-[REDACTED]"


def test_message_of_exception_is_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    """It may contain personal data that no pattern recognizes."""
    logging.configure_logging()

    guests: dict[str, str] = {}
    with pytest.raises(KeyError, match="Ada") as raised:
        guests["Ada Muster"]
    logging.exception("unexpected", raised.value)

    [line] = written_lines(capsys)
    assert "Ada" not in json.dumps(line)
    assert line["kind"] == "KeyError"
    assert line["trace"][-1].startswith(__file__)


def test_full_disk_does_not_fail_logging(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that cannot be written is dropped and counted."""
    metrics = Metrics()
    with Path("/dev/full").open("wb", buffering=0) as raw:
        monkeypatch.setattr("sys.stdout", TextIOWrapper(raw, write_through=True))
        logging.configure_logging(metrics.log_write_errors.inc)

        logging.info("request", status=200)
        logging.warning("degraded", vendor="apaleo")

    assert metrics.registry.get_sample_value("log_write_errors_total") == 2


def test_closed_stream_does_not_fail_logging(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A closed standard output drops the lines, too."""
    errors: list[int] = []
    closed = (tmp_path / "log").open("w", encoding="utf-8")
    closed.close()
    monkeypatch.setattr("sys.stdout", closed)
    logging.configure_logging(lambda: errors.append(1))

    logging.info("request", status=200)

    assert errors
