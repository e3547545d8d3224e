"""Each check of the flow matrix: a call that is right has no problem, and each defect is one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fault_injection.catalogue import FAULTS, StubFault, Target
from fault_injection.http_messages import RawMessage
from fault_injection.proxy import Exchange, Toxic
from fault_injection.results import Reaction
from tests.integration.resilience.flow_calls import EventResponse, Flow, PhoneCall
from tests.integration.resilience.flow_findings import MAX_EVENT_SECONDS, Case, Step, make_cell
from tests.integration.resilience.flow_follow_ups import TRANSFER

FLOW = Flow("booking_request", {})
BODY: dict[str, Any] = {"outcome": "done", "state": "active", "warnings": []}
DEGRADED = BODY | {"outcome": "degraded", "warnings": [{"code": "PMS_UNAVAILABLE", "vendor": "pms"}]}
FAILURE = {"event": "vendor_call_failed", "operation": "create booking"}
OUTAGE = next(fault for fault in FAULTS if fault.raises)


def event_response(body: dict[str, Any], **fields: Any) -> EventResponse:
    """Return the response to one event."""
    return replace(EventResponse("booking_request", "call.1", 200, body, 1.0), **fields)


def call(body: dict[str, Any] = BODY, end: dict[str, Any] = BODY | {"state": "ended"}) -> PhoneCall:
    """Return a call with the response to its interaction, and to its end."""
    responses = [event_response(BODY), event_response(body), event_response(end)]
    return PhoneCall("call", "+49301", "Muster", "R-1", FLOW, [], responses)


def attempt(key: str = "") -> Exchange:
    """Return a request that reached the vendor, with an idempotency key or without."""
    header = f"Idempotency-Key: {key}\r\n" if key else ""
    request = RawMessage(f"POST /b HTTP/1.1\r\n{header}\r\n".encode(), b"")
    return Exchange(request, RawMessage(b"HTTP/1.1 201 Created\r\n\r\n", b""), 0.0)


def case(**fields: Any) -> Case:
    """Return a booking that was degraded as it should be."""
    step = Step(
        flow=FLOW,
        event_index=1,
        event="booking_request",
        vendor="apaleo",
        dependency="pms",
        operation="createBooking",
        method="POST",
        path="/b",
        has_body=True,
        undisturbed=event_response(BODY),
    )
    right = Case(
        step, OUTAGE, call(DEGRADED), call(), [{}], [attempt()], [FAILURE], [], is_transfer_over=True
    )
    return replace(right, **fields)


def record(outcome: str, *warnings: str) -> dict[str, Any]:
    """Return the record of a call with one interaction."""
    return {"interactions": [{"outcome": outcome}], "warnings": list(warnings)}


def transfer_case(**fields: Any) -> Case:
    """Return a transfer that failed after the response to its event, and of which the caller was told."""
    step = replace(case().step, operation=TRANSFER, vendor="livekit", dependency="livekit")
    right = case(
        step=step,
        call=call(),
        records=[record("degraded", "LIVEKIT_UNAVAILABLE")],
        log=[FAILURE | {"operation": "transfer SIP participant"}],
    )
    return replace(right, **fields)


def test_right_case_has_no_problem() -> None:
    """The caller is warned, the call ends, and the next one is normal."""
    cell = make_cell(case())

    assert (cell["problems"], cell["reaction"], cell["log"]) == ([], Reaction.DEGRADED, [FAILURE])


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"exchanges": []}, "the fault did not occur"),
        ({"call": call(DEGRADED | {"more": 1})}, "the response has other members: ['more']"),
        ({"call": call(BODY | {"outcome": "refused"})}, "the outcome is refused, without a warning"),
        ({"call": call(DEGRADED | {"warnings": [{"code": "X", "vendor": "tts"}]})}, "the caller is warned about ['tts']"),
        ({"call": call(DEGRADED, BODY)}, "the call ends in the state active"),
        ({"records": []}, "the call has 0 records"),
        ({"records": [{}, {}]}, "the call has 2 records"),
        ({"following": call(DEGRADED)}, "in the next call, booking_request has the warnings"),
        ({"following": call(BODY | {"outcome": "refused"})}, "in the next call, the outcome is refused"),
        ({"exchanges": [attempt(), attempt()]}, "createBooking was sent 2 times without a common idempotency key"),
        (
            {"exchanges": [attempt("a"), attempt("b")]},
            "createBooking was sent 2 times without a common idempotency key",
        ),
        ({"log": []}, "no log line with the event's correlation id says that createBooking failed"),
        ({"log": [FAILURE | {"operation": "offers"}]}, "no log line with the event's correlation id"),
        ({"leaks": ["+49301"]}, "the log contains '+49301'"),
    ],
)  # fmt: skip
def test_defect_is_a_problem(fields: dict[str, Any], problem: str) -> None:
    """The cell is a finding that names it."""
    cell = make_cell(case(**fields))

    assert any(text.startswith(problem) for text in cell["problems"]), cell["problems"]
    assert cell["reaction"] is Reaction.FINDING


def test_error_and_hang_are_problems() -> None:
    """A caller gets a 200 in bounded time, and so does every later event."""
    failed, slow, later = call(DEGRADED), call(DEGRADED), call(DEGRADED)
    failed.responses[1] = event_response({}, status=503)
    slow.responses[1] = event_response(DEGRADED, seconds=MAX_EVENT_SECONDS + 1)
    later.responses[2] = event_response({}, status=409)

    problems = [make_cell(case(call=item))["problems"][0] for item in (failed, slow, later)]

    assert problems == [
        "the caller gets 503: {}",
        "the caller waits 61 s",
        "booking_request gets 409 afterwards: {}",
    ]


def test_repetition_with_one_idempotency_key_is_right() -> None:
    """The vendor has booked once."""
    same = attempt("a")

    assert make_cell(case(exchanges=[same, same]))["problems"] == []


def test_failed_transfer_that_the_caller_is_told_of_has_no_problem() -> None:
    """The warning is in the record, because the response was sent before."""
    cell = make_cell(transfer_case())

    assert (cell["problems"], cell["reaction"]) == ([], Reaction.DEGRADED)
    assert (cell["facts"]["Outcome"], cell["facts"]["Warnings"]) == ("degraded", "LIVEKIT_UNAVAILABLE")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"is_transfer_over": False}, "the caller is neither with a colleague nor told that nobody takes the call"),
        ({"exchanges": [attempt(), attempt()]}, "the caller is transferred 2 times"),
        ({"records": [record("refused")]}, "the outcome is refused, without a warning"),
        ({"records": [record("done", "LIVEKIT_UNAVAILABLE")]}, "the outcome is done, with a warning"),
        ({"records": [record("degraded", "TTS_UNAVAILABLE")]}, "the caller is warned about ['tts']"),
        ({"call": call(DEGRADED)}, "the response has a warning about ['pms'] before the transfer"),
        ({"log": []}, "no log line with the event's correlation id says that TransferSIPParticipant failed"),
    ],
)  # fmt: skip
def test_defect_of_a_transfer_is_a_problem(fields: dict[str, Any], problem: str) -> None:
    """The cell is a finding that names it."""
    assert problem in "\n".join(make_cell(transfer_case(**fields))["problems"])


def test_faults_of_a_body_need_a_response_with_one() -> None:
    """Without a body, the proxy would hold up the next request of the connection instead."""
    with_body = case().step
    without_body = replace(with_body, has_body=False)
    injectable = [fault for fault in FAULTS if isinstance(fault.injection, StubFault | Toxic)]

    left_out = [
        fault
        for fault in injectable
        if with_body.is_applicable(fault) and not without_body.is_applicable(fault)
    ]

    assert left_out == [fault for fault in injectable if fault.target in {Target.BODY, Target.JSON}]
    assert len(left_out) > 5
