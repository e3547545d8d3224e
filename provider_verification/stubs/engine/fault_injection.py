"""Faults a stub plays on request: what a vendor, or the network before it, can do to a client."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

BEFORE = frozenset({"status", "delay", "hang", "reset"})


class FaultRule(BaseModel):
    """A fault for the next answers of an operation.

    Attributes:
        operation: the operation's name, or `*` for all.
        kind: status (answer `status` with the vendor's error body), delay (`seconds` before the answer), hang (no
            answer for `seconds`), reset (close the connection), truncate (half the body, then close), malformed
            (a body that is no JSON), drop (remove `field` from the answer), drip (the body in pieces, `seconds` apart).
        times: how often; None for as long as it stays.
        field: a JSON pointer such as `/reservations/0/id`.
    """

    model_config = ConfigDict(extra="forbid")

    operation: str = "*"
    kind: Literal["status", "delay", "hang", "reset", "truncate", "malformed", "drop", "drip"]
    remaining: int | None = Field(None, alias="times", ge=1)
    status: int = Field(503, ge=400, le=599)
    retry_after: int | None = Field(None, ge=0)
    seconds: float = Field(0.0, ge=0, le=60)
    json_pointer: str | None = Field(None, alias="field", pattern="^/.+")

    @model_validator(mode="after")
    def _drop_needs_a_field(self) -> FaultRule:
        if self.kind == "drop" and self.json_pointer is None:
            raise ValueError("a fault of kind 'drop' needs 'field', a JSON pointer such as '/status'")
        return self


class FaultQueue:
    """The faults waiting to be played."""

    def __init__(self) -> None:
        self.rules: list[FaultRule] = []

    def next_for(self, operation: str) -> FaultRule | None:
        """The next fault for an operation, counted down."""
        for fault in self.rules:
            if fault.operation in {"*", operation}:
                if fault.remaining is not None:
                    fault.remaining -= 1
                    if not fault.remaining:
                        self.rules.remove(fault)
                return fault
        return None


def remove_at_pointer(body: Any, pointer: str) -> Any:
    """A JSON value without the member a pointer names; unchanged when it names none."""
    *way, last = pointer.strip("/").split("/")
    holder = body
    for part in way:
        holder = _member(holder, part)
    if isinstance(holder, dict):
        holder.pop(last, None)
    return body


def _member(holder: Any, part: str) -> Any:
    if isinstance(holder, list):
        return holder[int(part)] if part.isdecimal() and int(part) < len(holder) else None
    return holder.get(part) if isinstance(holder, dict) else None
