"""Judges one case of the flow matrix, and describes it as a cell of the heat map."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fault_injection.catalogue import Fault, StubFault, Target
from fault_injection.proxy import Exchange, Toxic
from fault_injection.results import LEFT_OUT, Cell, Reaction
from tests.integration.resilience.flow_calls import EventResponse, Flow, PhoneCall
from tests.integration.resilience.flow_follow_ups import TRANSFER, TRANSFER_DEADLINE_SECONDS
from tests.integration.resilience.flow_stack import DEADLINE_SECONDS

RESERVATION = "RESERVATION"
MAX_EVENT_SECONDS = 60.0
"""Only a hang takes longer: an event sends a few vendor requests, each with a deadline."""


@dataclass(frozen=True, slots=True)
class Step:
    """A vendor request that an undisturbed call makes.

    Attributes:
        flow: the call.
        event_index: the number of the event that causes the request.
        event: the event's name.
        vendor: the vendor.
        dependency: the vendor's name in warnings.
        operation: its operationId.
        method: the request's method.
        path: the request's path, with `RESERVATION` in place of the reservation's id.
        has_body: whether the response has a body: at TTS audio, elsewhere a JSON document.
        undisturbed: the response to the event.
    """

    flow: Flow
    event_index: int
    event: str
    vendor: str
    dependency: str
    operation: str
    method: str
    path: str
    has_body: bool
    undisturbed: EventResponse

    @property
    def is_follow_up(self) -> bool:
        """Whether the request is made after the response to its event."""
        return self.operation == TRANSFER

    @property
    def deadline_seconds(self) -> float:
        """How long the service waits for the response."""
        return TRANSFER_DEADLINE_SECONDS if self.is_follow_up else DEADLINE_SECONDS

    @property
    def is_read(self) -> bool:
        """Whether the request changes nothing; at Mews, every request is a POST."""
        return self.method == "GET" or self.operation.startswith("get")

    def is_named(self, logged: str) -> bool:
        """Return whether a name in the service's log is this operation's: a part of its operationId or path."""
        return logged.replace(" ", "").lower() in self.operation.lower() or logged in self.path

    def has_failed(self, log: Iterable[dict[str, Any]]) -> bool:
        """Return whether a line says that the request failed."""
        return any(line["event"] == "vendor_call_failed" and self.is_named(line["operation"]) for line in log)

    def is_applicable(self, fault: Fault) -> bool:
        """Return whether the fault can be injected into this request of a running service."""
        if not isinstance(fault.injection, StubFault | Toxic):
            return False
        if fault.target is Target.BODY:
            return self.has_body
        if fault.target is Target.JSON:
            return self.has_body and self.vendor != "tts"
        return fault.target is Target.REQUEST


@dataclass(frozen=True, slots=True)
class Case:
    """A call with a fault in one step, and the call that followed it.

    Attributes:
        records: the call records of the caller's number.
        exchanges: the step's requests and their responses before the fault.
        log: the log lines of the event with the fault.
        leaks: credentials, and data of the caller, that are in the log.
        is_transfer_over: whether the caller is with a colleague, or knows that nobody takes the call.
    """

    step: Step
    fault: Fault
    call: PhoneCall
    following: PhoneCall
    records: list[dict[str, Any]]
    exchanges: list[Exchange]
    log: list[dict[str, Any]]
    leaks: list[str]
    is_transfer_over: bool

    @property
    def response(self) -> EventResponse:
        """The response to the event with the fault."""
        return self.call.responses[self.step.event_index]

    @property
    def outcome(self) -> str:
        """What became of the interaction: of one with a follow-up, only the call's record says it."""
        if self.step.is_follow_up:
            return str(self.records[0]["interactions"][0]["outcome"]) if self.records else "unknown"
        return str(self.response.body.get("outcome"))

    @property
    def warning_codes(self) -> list[str]:
        """The codes of the warnings in the response, or those in the call's record because of a follow-up."""
        if self.step.is_follow_up:
            return list(self.records[0]["warnings"]) if self.records else []
        return [warning["code"] for warning in self.response.body.get("warnings", ())]

    @property
    def warned_vendors(self) -> set[str]:
        """The dependencies that these warnings are about."""
        if self.step.is_follow_up:
            return {code.removesuffix("_UNAVAILABLE").lower() for code in self.warning_codes}
        return self.response.warned_vendors


def make_cell(case: Case) -> Cell:
    """Return the cell of a case."""
    problems = [
        *_event_problems(case),
        *_effect_problems(case),
        *_follow_up_problems(case),
        *_call_problems(case),
        *_log_problems(case),
    ]
    step, response = case.step, case.response
    return {
        **_identity(step, case.fault),
        "reaction": Reaction.FINDING if problems else _reaction(case),
        "problems": problems,
        "facts": {
            "Event": f"{step.event} in a call with {step.flow.interaction_type}",
            "Correlation id": response.correlation_id,
            "Status": response.status,
            "Outcome": case.outcome if "outcome" in response.body else response.body.get("state", ""),
            "Warnings": ", ".join(case.warning_codes) or "none",
            "Duration": f"{response.seconds:.2f} s",
            "Requests": len(case.exchanges),
            "Requests at the vendor": sum(exchange.response is not None for exchange in case.exchanges),
            "State after the call": case.call.responses[-1].body.get("state", ""),
            "Call records": len(case.records),
        },
        "log": case.log,
    }


def make_left_out_cell(step: Step, fault: Fault) -> Cell:
    """Return the cell of a case that a normal run leaves out."""
    return {**_identity(step, fault), "reaction": LEFT_OUT, "problems": [], "facts": {}, "log": []}


def _identity(step: Step, fault: Fault) -> Cell:
    return {
        "matrix": "flow",
        "section": step.vendor,
        "row": f"{step.event}: {step.operation}",
        "request": f"{step.method} {step.path}",
        "fault": fault.name,
    }


def _event_problems(case: Case) -> Iterator[str]:
    response, undisturbed = case.response, case.step.undisturbed
    if not case.exchanges:
        yield "the fault did not occur"
    if response.status != 200:
        yield f"the caller gets {response.status}: {response.body}"
        return
    if response.body.keys() != undisturbed.body.keys():
        yield f"the response has other members: {sorted(response.body.keys() ^ undisturbed.body.keys())}"
    if response.seconds > MAX_EVENT_SECONDS:
        yield f"the caller waits {response.seconds:.0f} s"
    if case.warned_vendors - {case.step.dependency}:
        yield f"the caller is warned about {sorted(case.warned_vendors)}"
    if case.warned_vendors and case.fault.raises is None:
        yield "a fault within the timeout degrades the call"
    if not case.warned_vendors and case.outcome != str(undisturbed.body.get("outcome")):
        yield f"the outcome is {case.outcome}, without a warning"


def _effect_problems(case: Case) -> Iterator[str]:
    if case.step.dependency != "pms" or case.step.is_read:
        return
    keys = [
        exchange.request.header("idempotency-key")
        for exchange in case.exchanges
        if exchange.response and exchange.response.status != 401
    ]
    if len(keys) > 1 and (None in keys or len(set(keys)) > 1):
        yield f"{case.step.operation} was sent {len(keys)} times without a common idempotency key"


def _follow_up_problems(case: Case) -> Iterator[str]:
    if not case.step.is_follow_up:
        return
    if case.response.warned_vendors:
        yield f"the response has a warning about {sorted(case.response.warned_vendors)} before the transfer"
    if not case.is_transfer_over:
        yield "the caller is neither with a colleague nor told that nobody takes the call"
    if len(case.exchanges) > 1:
        yield f"the caller is transferred {len(case.exchanges)} times"
    if case.warned_vendors and case.outcome != "degraded":
        yield f"the outcome is {case.outcome}, with a warning"


def _call_problems(case: Case) -> Iterator[str]:
    for response in (*case.call.responses, *case.following.responses):
        if response.status != 200 and response is not case.response:
            yield f"{response.name} gets {response.status} afterwards: {response.body}"
            return
    if case.call.responses[-1].body.get("state") != "ended":
        yield f"the call ends in the state {case.call.responses[-1].body.get('state')}"
    if len(case.records) != 1:
        yield f"the call has {len(case.records)} records"
    for response in case.following.responses:
        if response.body["warnings"]:
            yield f"in the next call, {response.name} has the warnings {response.body['warnings']}"
    event = case.following.responses[case.step.event_index].body
    if event.get("outcome") != case.step.undisturbed.body.get("outcome"):
        yield f"in the next call, the outcome is {event.get('outcome')}"


def _log_problems(case: Case) -> Iterator[str]:
    if case.warned_vendors and not case.step.has_failed(case.log):
        yield f"no log line with the event's correlation id says that {case.step.operation} failed"
    for leak in case.leaks:
        yield f"the log contains {leak!r}"


def _reaction(case: Case) -> Reaction:
    if case.warned_vendors:
        return Reaction.DEGRADED
    return Reaction.RECOVERED if len(case.exchanges) > 1 and case.fault.raises else Reaction.UNAFFECTED
