"""Compares a call under a fault with what the client must do; each difference is a finding."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fault_injection.catalogue import Fault, Group
from tests.fault_matrix.client_runner import POLICY, Call, is_vendor_error
from tests.fault_matrix.expectation import OUTAGES, Expectation, Subject

TOLERANCE_SECONDS = 0.05
"""The virtual time that a response takes on the way."""
MIN_SECRET_LENGTH = 5
STREAMING_OPERATIONS = frozenset({"stream timed"})
"""Operations whose success is read line by line, whatever the interaction is about."""


def find_problems(
    subject: Subject, fault: Fault, call: Call, expected: Expectation, correlation_id: str
) -> list[str]:
    """Return what is wrong with the call, as sentences."""
    return [
        *_outcome_problems(subject, fault, call, expected),
        *_attempt_problems(subject, fault, call, expected),
        *_deadline_problems(subject, call),
        *_guard_problems(subject, call),
        *_log_problems(call, correlation_id),
    ]


def _outcome_problems(subject: Subject, fault: Fault, call: Call, expected: Expectation) -> Iterator[str]:
    if call.error is not None and not is_vendor_error(call.outcome):
        yield f"the client leaked {call.outcome!r}"
    elif call.error != expected.error:
        yield f"the client should end with {expected.error or 'a result'}, not {call.error or 'a result'}"
    elif call.error is not None and call.error == fault.raises and fault.group is Group.STATUS:
        if call.outcome.status != fault.status:
            yield f"the error should have status {fault.status}, not {call.outcome.status}"
        if call.outcome.retry_after != fault.retry_after:
            yield f"the error should have retry_after {fault.retry_after}, not {call.outcome.retry_after}"
    if (
        call.error is not None
        and is_vendor_error(call.outcome)
        and call.outcome.vendor != subject.interaction.vendor
    ):
        yield f"the error names the vendor {call.outcome.vendor}"


def _attempt_problems(subject: Subject, fault: Fault, call: Call, expected: Expectation) -> Iterator[str]:
    if len(call.attempts) != expected.attempts:
        yield f"{expected.attempts} attempts are expected, not {len(call.attempts)}"
    if subject.is_read and not subject.idempotent:
        yield "a request that only reads is not repeated after an outage"
    # a request with a rejected credential has no effect
    if call.at_vendor > 1 and not subject.repeatable and fault.group is not Group.CREDENTIALS:
        yield f"a request that has another effect when it is repeated reached the vendor {call.at_vendor} times"
    if fault.group in {Group.STATUS, Group.CONNECTION} and call.error == fault.raises:
        for number, wait in enumerate(call.waits):
            shortest = fault.retry_after or min(POLICY.backoff_initial * 2**number, POLICY.backoff_max)
            longest = shortest + (0 if fault.retry_after else POLICY.jitter)
            if not shortest - 1e-6 <= wait <= longest + TOLERANCE_SECONDS:
                yield f"the wait before attempt {number + 2} should be {shortest} to {longest} s, not {wait:.3f}"


def _deadline_problems(subject: Subject, call: Call) -> Iterator[str]:
    guarded = call.events[-1].time if call.events else call.seconds
    until = guarded if subject.streams else call.seconds
    # each of an Apaleo request's two sends has its own deadline
    deadline = POLICY.total_timeout * max(1, len(call.events))
    if until > deadline + TOLERANCE_SECONDS:
        yield f"the call took {until:.2f} s and has a deadline of {deadline:.0f} s"


def _guard_problems(subject: Subject, call: Call) -> Iterator[str]:
    if not call.events:
        yield "the guard reported no outcome to its observer"
        return
    outcome = call.events[-1].outcome
    allowed = {call.error or "success"}
    # read after the guarded call: a stream that breaks off, or has an invalid line in place of the error of the baseline
    if subject.streams or (
        call.error == "InvalidVendorResponse" and subject.operation in STREAMING_OPERATIONS
    ):
        allowed.add("success")
    if outcome not in allowed:
        yield f"the guard reported {outcome} instead of {' or '.join(sorted(allowed))}"
    state = "open" if outcome in OUTAGES else "closed"
    if call.breaker != state:
        yield f"the circuit should be {state} after {outcome}, not {call.breaker}"


def _log_problems(call: Call, correlation_id: str) -> Iterator[str]:
    if call.error is not None and is_vendor_error(call.outcome):
        operation = call.outcome.operation
        lines = [line for line in call.log if line["event"] == "vendor_call_failed"]
        if not any(line.get("operation") == operation for line in lines):
            yield f"no log line names the operation '{operation}' that failed"
    text = (
        json.dumps(call.log)
        + str(call.outcome if call.error else "")
        + repr(call.outcome if call.error else "")
    )
    for line in call.log:
        if line.get("correlation_id") != correlation_id:
            yield f"the log line {line['event']} has no correlation id"
    for secret in _sent_values(call):
        if secret in text:
            yield f"a log line or the error contains {secret!r}, which was sent to the vendor"


def _sent_values(call: Call) -> set[str]:
    """The credentials and the texts of the body of every request."""
    values: set[str] = set()
    for exchange in call.exchanges:
        for name in ("authorization", "xi-api-key", "x-vault-token"):
            values.add((exchange.request.header(name) or "").removeprefix("Bearer ").removeprefix("Basic "))
        values |= set(_texts(_parse(exchange.request.body)))
    return {value for value in values if len(value) >= MIN_SECRET_LENGTH}


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
