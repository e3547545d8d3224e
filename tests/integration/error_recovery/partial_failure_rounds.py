"""Rounds in which every event is caught at each of its vendor requests while something fails."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import httpx

from tests.integration.api import ApiClient
from tests.integration.error_recovery.partial_failure_cases import Case, Delivery, Receiver
from tests.integration.error_recovery.partial_failure_stack import PartialFailureStack
from tests.integration.error_recovery.subjects import HotelView, Subject, SubjectFactory
from tests.integration.ids import IdFactory
from tests.integration.redis_control import redis_control
from tests.integration.scenarios import exported_calls
from tests.integration.vendors import StubClient, StubClients
from tests.integration.waiting import wait_until

MAX_WAITING_EVENTS = 100
TRANSFER = "TransferSIPParticipant"
POLL_SECONDS = 0.005
WAIT_SECONDS = 3600.0
"""Events wait at a vendor until the test lets them go, however slow the machine is."""
MAX_CAUGHT = 40
"""Fewer events than a vendor's bulkhead admits wait at the same time."""
SKIP_SECONDS = 0.001
"""The delay that lets earlier requests of the same operation pass."""
SERVICE_UNAVAILABLE = 503


@dataclass(frozen=True)
class Undisturbed:
    """What each kind of event does without a failure, and the vendor requests it makes."""

    traces: Mapping[str, Any]
    cases: Sequence[Case]


@dataclass(frozen=True)
class Result:
    """The end of a case.

    Attributes:
        name: of the case.
        status: of the first delivery; None if its connection broke.
        trace: what the event did in the end.
    """

    name: str
    kind: str
    status: int | None
    trace: Any


class PartialFailureRounds:
    """Sends events, lets something fail, delivers the events again, and reads what they did.

    Args:
        stack: the service.
        vendors: the stub vendors.
        control: an HTTP client.
        names: creates ids.
    """

    def __init__(
        self, stack: PartialFailureStack, vendors: StubClients, control: httpx.Client, names: IdFactory
    ) -> None:
        self._stack = stack
        self._vendors = vendors
        self._subjects = SubjectFactory(vendors, names)
        self._hotel = HotelView(vendors, control)
        self._pool = ThreadPoolExecutor(MAX_WAITING_EVENTS)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown()

    def kinds(self) -> list[str]:
        """Return every kind of event, with the types of interactions from the service's own API document."""
        schemas = self._stack.same.get_json("/openapi.json")["components"]["schemas"]
        return ["call.started", *schemas["InteractionType"]["enum"], "call.ended"]

    def run_undisturbed(self) -> Undisturbed:
        """Handle each kind of event once to fill the caches, and once more to see what it does."""
        for kind in self.kinds():
            self._stack.same.send_event(self._prepare(kind).event)
        subjects = [self._prepare(kind) for kind in self.kinds()]
        responses = [self._send_undisturbed(subject) for subject in subjects]
        cases = self._requests_of(subjects)
        traces = self._traces(subjects, responses)
        return Undisturbed(
            {subject.kind: trace for subject, trace in zip(subjects, traces, strict=True)}, cases
        )

    def run_with_kill(self, deliveries: Sequence[Delivery]) -> list[Result]:
        """Kill the process while each case waits at its request, and deliver the events again."""
        subjects: list[Subject] = []
        statuses: list[int | None] = []
        for start in range(0, len(deliveries), MAX_CAUGHT):
            batch = deliveries[start : start + MAX_CAUGHT]
            caught = [self._catch(case, "hang") for case, _ in batch]
            self._stack.process.kill()
            statuses += [future.result() for _, future in caught]
            subjects += [subject for subject, _ in caught]
            self._stack.process.start()
        return self._finish(deliveries, subjects, statuses)

    def run_with_stalled_redis(self, deliveries: Sequence[Delivery]) -> list[Result]:
        """Stop Redis while each case waits at its request; the vendors respond while it does not."""
        caught = [self._catch(case, "delay") for case, _ in deliveries]
        with self._stack.redis.stopped():
            for vendor in self._vendors.all.values():
                vendor.clear_faults()
            statuses = [future.result() for _, future in caught]
        return self._finish(deliveries, [subject for subject, _ in caught], statuses)

    def run_with_stalled_database(self) -> list[Result]:
        """Handle each kind of event while PostgreSQL does not respond."""
        kinds = self.kinds()
        subjects = [self._prepare(kind) for kind in kinds]
        with self._stack.postgresql.stopped():
            futures = [self._pool.submit(_send, self._stack.same, subject.event) for subject in subjects]
            statuses = [future.result() for future in futures]
        deliveries = [(kind, Receiver.ANOTHER) for kind in kinds]
        return self._finish(deliveries, subjects, statuses)

    def _are_transferred(self, subjects: Sequence[Subject]) -> bool:
        """Return whether the transfers of callers who asked for a colleague are over, which follow the response."""
        call_ids = [subject.call_id for subject in subjects if subject.kind == "transfer_request"]
        with redis_control(self._stack.redis.url) as redis:
            return not any(redis.count_follow_ups(call_id, "transfer") for call_id in call_ids)

    def _prepare(self, kind: str) -> Subject:
        subject = self._subjects.create(kind)
        if kind != "call.started":
            _deliver(self._stack.same, subject.start)
        if kind == "transfer_request":
            self._subjects.put_caller_into_room(subject)
        return subject

    def _send_undisturbed(self, subject: Subject) -> Any:
        """Send an event under its call's id as correlation id, by which its requests are recognized."""
        headers = {"X-Correlation-ID": subject.call_id}
        response = self._stack.same.post("/webhook/call-event", subject.event, headers=headers)
        return response.raise_for_status().json()

    def _requests_of(self, subjects: Sequence[Subject]) -> list[Case]:
        """Return the requests of events that were sent undisturbed, in the order of the events."""
        journals = {name: vendor.journal() for name, vendor in self._vendors.all.items()}
        cases = []
        for subject in subjects:
            for name, journal in journals.items():
                requests = [item for item in journal if _correlation_id(item) == subject.call_id]
                # a transfer is made after the response, so that no delivery of the event depends on it
                operations = [item["operation"] for item in requests if item["operation"] != TRANSFER]
                counts: Counter[str] = Counter()
                for operation in operations:
                    counts[operation] += 1
                    cases.append(Case(subject.kind, name, operation, counts[operation]))
        return cases

    def _catch(self, case: Case, fault: str) -> tuple[Subject, Future[int | None]]:
        """Send the event of a case, and wait until the vendor has handled the request and does not respond."""
        subject = self._prepare(case.kind)
        vendor = self._vendors.all[case.vendor]
        if case.occurrence > 1:
            options = {"times": case.occurrence - 1, "seconds": SKIP_SECONDS}
            vendor.inject_fault("delay", case.operation, **options)
        vendor.inject_fault(fault, case.operation, times=1, seconds=WAIT_SECONDS)
        future = self._pool.submit(_send, self._stack.same, subject.event)
        _wait_for_request(vendor, future, str(case))
        return subject, future

    def _finish(
        self,
        deliveries: Sequence[tuple[Case | str, Receiver]],
        subjects: Sequence[Subject],
        statuses: Sequence[int | None],
    ) -> list[Result]:
        """Deliver the events again and end the calls; return the results."""
        clients = {Receiver.SAME: self._stack.same, Receiver.ANOTHER: self._stack.another}
        pending = [
            self._pool.submit(_deliver, clients[receiver], subject.event)
            for (_, receiver), subject in zip(deliveries, subjects, strict=True)
        ]
        responses = [delivery.result() for delivery in pending]
        traces = self._traces(subjects, responses)
        return [
            Result(str(name), subject.kind, status, trace)
            for (name, _), subject, status, trace in zip(deliveries, subjects, statuses, traces, strict=True)
        ]

    def _traces(self, subjects: Sequence[Subject], responses: Sequence[Any]) -> list[Any]:
        """End the calls; return responses, reservations, rooms and records, comparable between subjects."""
        another = self._stack.another
        wait_until(lambda: self._are_transferred(subjects), "the callers are transferred")
        wait([self._pool.submit(_deliver, another, subject.end) for subject in subjects])
        rooms, ids = self._hotel.rooms(), self._hotel.reservation_ids()

        def trace(subject: Subject, response: Any) -> Any:
            reservations = [
                json.dumps(item, sort_keys=True)
                for item in self._hotel.reservations(ids.get(subject.last_name, ()))
            ]
            content = {
                "response": response,
                "reservations": sorted(map(subject.normalize, reservations)),
                "room": rooms[f"call-{subject.call_id}"],
                "records": exported_calls(another, subject.phone),
            }
            return json.loads(subject.normalize(json.dumps(content)))

        # one after another: a hundred exports at once may exceed the timeout of the database on a busy machine
        return [trace(subject, response) for subject, response in zip(subjects, responses, strict=True)]


def find_differences(results: Sequence[Result], undisturbed: Undisturbed) -> str:
    """Return what differs from the undisturbed run, a line for each case and part of its trace."""
    return "\n".join(
        f"{result.name}: {part}: {value} instead of {undisturbed.traces[result.kind][part]}"
        for result in results
        for part, value in result.trace.items()
        if value != undisturbed.traces[result.kind][part]
    )


def _correlation_id(request: Mapping[str, Any]) -> str | None:
    correlation_id: str | None = request["headers"].get("x-correlation-id")
    return correlation_id


def _wait_for_request(vendor: StubClient, future: Future[int | None], name: str) -> None:
    wait_until(lambda: future.done() or not vendor.waiting_faults(), f"{name}: the request", POLL_SECONDS)
    assert not vendor.waiting_faults(), f"{name}: the event did not make the request"


def _send(client: ApiClient, event: Mapping[str, Any]) -> int | None:
    """Send an event once; return its status, or None if the connection broke."""
    try:
        return client.post_event(event).status_code
    except httpx.TransportError:
        return None


def _deliver(client: ApiClient, event: Mapping[str, Any]) -> Any:
    """Deliver an event as the telephone system does: again after each retryable 503; return the response."""
    responses: list[httpx.Response] = []

    def is_accepted() -> bool:
        try:
            responses.append(client.post_event(event))
        # a connection of the process that was killed
        except httpx.TransportError:
            return False
        return (
            responses[-1].status_code != SERVICE_UNAVAILABLE or not responses[-1].json()["error"]["retryable"]
        )

    wait_until(is_accepted, "the event is accepted")
    return responses[-1].json()
