"""What was sent to each channel, kept in a file from one run to the next."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ValidationError

from orchestrator.alerting.alert import Condition, Severity


class StateError(Exception):
    """The state cannot be read or written. The message names the file."""


class ReportedCondition(BaseModel):
    """What a channel shows for a condition.

    Attributes:
        severity: as it was reported.
        summary: as it was reported.
        firing: whether the channel shows the condition; None after a message that may or may not have arrived.
        reported_at: when its latest beginning was sent.
    """

    severity: Severity
    summary: str
    firing: bool | None
    reported_at: AwareDatetime

    def condition(self, name: str) -> Condition:
        """Return the condition as it was reported."""
        return Condition(name, self.severity, self.summary)


class ChannelState(BaseModel):
    """The conditions of one channel by name, and when its latest beginnings were sent."""

    conditions: dict[str, ReportedCondition] = {}
    sent_at: list[AwareDatetime] = []

    def forget(self, before: datetime) -> None:
        """Drop what no longer limits anything, so that the file does not grow."""
        self.sent_at = [time for time in self.sent_at if time >= before]
        self.conditions = {
            name: reported
            for name, reported in self.conditions.items()
            if reported.firing is not False or reported.reported_at >= before
        }


class NotificationState(BaseModel):
    """The channels by name."""

    channels: dict[str, ChannelState] = {}


@contextmanager
def open_state(path: Path) -> Iterator[NotificationState]:
    """Yield the state, and write it at the end; a second process waits.

    Raises:
        StateError: the file is not a state, or cannot be read or written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_name(f"{path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            state = _read(path)
            try:
                yield state
            # also after an interruption, or the next run would repeat what was sent
            finally:
                _write(path, state)
    except OSError as error:
        raise StateError(f"cannot use {path}: {error.strerror}") from None


def _read(path: Path) -> NotificationState:
    if not path.exists():
        return NotificationState()
    try:
        return NotificationState.model_validate_json(path.read_bytes())
    except ValidationError:
        raise StateError(f"{path} does not hold the state of notifications; move it away") from None


def _write(path: Path, state: NotificationState) -> None:
    temporary = path.with_name(f"{path.name}.new")
    temporary.write_text(state.model_dump_json(indent=2))
    temporary.replace(path)
