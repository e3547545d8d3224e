"""The voice agent of a call: dispatched, supervised and replaced by a human; and rooms that cannot be opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from local_stack.stack import Stack
from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.ids import IdFactory
from tests.integration.metrics import count_outcomes
from tests.integration.scenarios import add_participant, exported_calls
from tests.integration.vendors import StubClients
from tests.integration.waiting import wait_until
from tests.integration.webhooks import deliver_livekit, livekit_event

AGENT = "concierge"
AGENT_LEFT = "a voice agent left"
AGENT_ABORTED = "a voice agent's connection was aborted"
AGENTS_AT_ONCE = 45
"""Fewer than the requests to LiveKit that one process sends at the same time."""
DEPARTURES = "agent_departures_total"


@contextmanager
def expect_outcomes(api: ApiClient, metric: str, **outcomes: int) -> Iterator[Callable[[], Counter[str]]]:
    """Wait after the block until as many agents have any outcome; they have these.

    Yields:
        A function that returns the outcomes since the start of the block.
    """
    before = count_outcomes(api, metric)

    def read() -> Counter[str]:
        return count_outcomes(api, metric) - before

    yield read
    wait_until(lambda: read().total() >= sum(outcomes.values()), f"{metric}: {outcomes}")
    assert read() == Counter(outcomes)


def wait_for_dispatch(vendors: StubClients, outcomes: Callable[[], Counter[str]]) -> None:
    """Wait until LiveKit has a request for another agent, whose response is delayed."""

    def is_dispatched() -> bool:
        return vendors.livekit.waiting_faults() == []

    # without a dispatch the supervision ends
    wait_until(lambda: is_dispatched() or bool(outcomes()), "the agent is dispatched")
    assert is_dispatched(), outcomes()


def deliver(stack: Stack, vendors: StubClients, description: str, call_id: str, number: int = 1) -> None:
    """Deliver a webhook that must be accepted."""
    response = deliver_livekit(stack, livekit_event(vendors, description, call_id, number))
    assert response.status_code == 200, response.text


@pytest.fixture
def caller_phone(names: IdFactory) -> str:
    """The number of the caller."""
    return names.phone()


@pytest.fixture
def supervised_call(operator: ApiClient, vendors: StubClients, names: IdFactory, caller_phone: str) -> str:
    """The id of a call whose caller is on the telephone, in a room without an agent."""
    call_id = names.call()
    operator.send_event(call_started(call_id, caller_phone))
    add_participant(vendors, call_id, "caller", "SIP")
    return call_id


def warnings_in_record(admin: ApiClient, operator: ApiClient, call_id: str, caller_phone: str) -> list[str]:
    """End a call, and return the warnings in its record."""
    operator.send_event(call_ended(call_id))
    [record] = exported_calls(admin, caller_phone)
    warnings: list[str] = record["warnings"]
    return warnings


class TestAgents:
    """A guest is never left alone: the agent comes with the room, comes back once, or a human takes over."""

    def test_agent_is_dispatched_with_the_room(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Without a further request, so that a repeated start cannot dispatch a second one."""
        event = call_started(names.call())

        for _ in range(2):
            operator.send_event(event)

        [body] = vendors.livekit.bodies("CreateRoom")
        assert body["agents"] == [{"agent_name": AGENT}]
        assert vendors.livekit.requests("CreateDispatch") == []

    @pytest.mark.critical
    def test_agent_that_left_is_dispatched_again_once(
        self,
        stack: Stack,
        anonymous: ApiClient,
        admin: ApiClient,
        operator: ApiClient,
        vendors: StubClients,
        supervised_call: str,
        caller_phone: str,
    ) -> None:
        """Its former dispatch is deleted, so that two agents never speak; the next time a human takes over."""
        vendors.livekit.inject_fault("delay", "CreateDispatch", seconds=600, times=1)
        with expect_outcomes(anonymous, DEPARTURES, replaced=1) as outcomes:
            deliver(stack, vendors, AGENT_LEFT, supervised_call)
            wait_for_dispatch(vendors, outcomes)
            add_participant(vendors, supervised_call, "agent", "AGENT")
            vendors.livekit.clear_faults()
        room = f"call-{supervised_call}"

        assert vendors.livekit.bodies("CreateDispatch") == [{"room": room, "agent_name": AGENT}]
        assert [body["room"] for body in vendors.livekit.bodies("DeleteDispatch")] == [room]
        assert vendors.livekit.requests("TransferSIPParticipant") == []

        # the agent's process ends too, and only the caller is in the room
        vendors.livekit.set_provider_state("no room")
        add_participant(vendors, supervised_call, "caller", "SIP")
        with expect_outcomes(anonymous, DEPARTURES, transferred=1):
            deliver(stack, vendors, AGENT_LEFT, supervised_call, 2)

        [transfer] = vendors.livekit.bodies("TransferSIPParticipant")
        assert transfer["participant_identity"] == "caller"
        assert len(vendors.livekit.requests("CreateDispatch")) == 1
        assert warnings_in_record(admin, operator, supervised_call, caller_phone) == ["AGENT_LOST"]

    @pytest.mark.parametrize(
        "descriptions", [(AGENT_LEFT, AGENT_LEFT), (AGENT_ABORTED, AGENT_LEFT)], ids=["twice", "aborted"]
    )
    def test_caller_is_transferred_if_the_agent_does_not_come_back(
        self,
        stack: Stack,
        anonymous: ApiClient,
        admin: ApiClient,
        operator: ApiClient,
        vendors: StubClients,
        supervised_call: str,
        caller_phone: str,
        descriptions: tuple[str, str],
    ) -> None:
        """Once, whether one event is delivered twice or two events report the same departure."""
        with expect_outcomes(anonymous, DEPARTURES, transferred=1):
            for description in descriptions:
                deliver(stack, vendors, description, supervised_call)

        assert len(vendors.livekit.requests("CreateDispatch")) == 1
        assert len(vendors.livekit.requests("TransferSIPParticipant")) == 1
        assert warnings_in_record(admin, operator, supervised_call, caller_phone) == ["AGENT_LOST"]

    def test_caller_is_transferred_at_once_if_no_agent_can_be_dispatched(
        self,
        stack: Stack,
        anonymous: ApiClient,
        admin: ApiClient,
        operator: ApiClient,
        vendors: StubClients,
        supervised_call: str,
        caller_phone: str,
    ) -> None:
        """The record says that the agent was lost and why."""
        vendors.livekit.inject_fault("status", "CreateDispatch", status=503)

        with expect_outcomes(anonymous, DEPARTURES, transferred=1):
            deliver(stack, vendors, AGENT_LEFT, supervised_call)

        assert len(vendors.livekit.requests("TransferSIPParticipant")) == 1
        warnings = warnings_in_record(admin, operator, supervised_call, caller_phone)
        assert warnings == ["AGENT_LOST", "LIVEKIT_UNAVAILABLE"]

    def test_call_goes_on_if_no_colleague_is_free(
        self,
        stack: Stack,
        anonymous: ApiClient,
        admin: ApiClient,
        operator: ApiClient,
        vendors: StubClients,
        supervised_call: str,
        caller_phone: str,
    ) -> None:
        """The agent is lost, and the number of the staff is busy."""
        vendors.livekit.set_provider_state("a SIP peer", status=486)

        with expect_outcomes(anonymous, DEPARTURES, lost=1):
            deliver(stack, vendors, AGENT_LEFT, supervised_call)

        assert warnings_in_record(admin, operator, supervised_call, caller_phone) == ["AGENT_LOST"]

    def test_agent_that_leaves_after_its_guest_is_not_missed(
        self,
        stack: Stack,
        anonymous: ApiClient,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
    ) -> None:
        """An agent ends its job when the caller has hung up, before or after the call has ended here."""
        call_id = names.call()
        operator.send_event(call_started(call_id))
        with expect_outcomes(anonymous, DEPARTURES, not_missed=1):
            deliver(stack, vendors, AGENT_LEFT, call_id)
        operator.send_event(call_ended(call_id))
        add_participant(vendors, call_id, "caller", "SIP")

        with expect_outcomes(anonymous, DEPARTURES, not_missed=1):
            deliver(stack, vendors, AGENT_LEFT, call_id, 2)

        assert vendors.livekit.requests("CreateDispatch") == []
        assert vendors.livekit.requests("TransferSIPParticipant") == []

    def test_guest_with_another_agent_keeps_it(
        self, stack: Stack, anonymous: ApiClient, vendors: StubClients, supervised_call: str
    ) -> None:
        """For example after one agent has handed the guest over to another."""
        add_participant(vendors, supervised_call, "other-agent", "AGENT")

        with expect_outcomes(anonymous, DEPARTURES, not_missed=1):
            deliver(stack, vendors, AGENT_LEFT, supervised_call)

        assert vendors.livekit.requests("CreateDispatch") == []

    def test_livekit_away_while_the_agent_is_missing_is_in_the_record(
        self,
        stack: Stack,
        anonymous: ApiClient,
        admin: ApiClient,
        operator: ApiClient,
        vendors: StubClients,
        supervised_call: str,
        caller_phone: str,
    ) -> None:
        """Nobody knows who is in the room, so nothing is changed there."""
        vendors.livekit.inject_fault("status", "ListParticipants", status=503)

        with expect_outcomes(anonymous, DEPARTURES, unknown=1):
            deliver(stack, vendors, AGENT_LEFT, supervised_call)

        assert vendors.livekit.requests("CreateDispatch") == []
        warnings = warnings_in_record(admin, operator, supervised_call, caller_phone)
        assert warnings == ["LIVEKIT_UNAVAILABLE"]

    def test_many_agents_that_leave_at_once_hold_no_webhook(
        self, stack: Stack, anonymous: ApiClient, vendors: StubClients, supervised_call: str
    ) -> None:
        """A worker with many jobs ends: LiveKit gets its responses while nothing about the room is known yet."""
        add_participant(vendors, supervised_call, "other-agent", "AGENT")
        vendors.livekit.inject_fault("delay", "ListParticipants", seconds=600)

        with expect_outcomes(anonymous, DEPARTURES, not_missed=AGENTS_AT_ONCE):
            for number in range(AGENTS_AT_ONCE):
                deliver(stack, vendors, AGENT_LEFT, supervised_call, number)
            vendors.livekit.clear_faults()


class TestRooms:
    """A call without a room is answered: the telephone system has the reply."""

    @pytest.mark.parametrize(
        ("state", "params", "status"),
        [
            ("another API key", {"key": "rotated"}, 401),
            # longer than the deadline, so that the request is not repeated
            ("a proxy limits the rate", {"retry_after": 3600}, 429),
            ("LiveKit is down", {"status": 503, "code": "unavailable"}, 503),
        ],
    )
    def test_room_that_livekit_refuses_degrades_the_call(
        self,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
        state: str,
        params: dict[str, Any],
        status: int,
    ) -> None:
        """The credentials are wrong, there are too many requests, or LiveKit is away."""
        vendors.livekit.set_provider_state(state, **params)

        started = operator.send_event(call_started(names.call()))

        assert [warning["code"] for warning in started["warnings"]] == ["LIVEKIT_UNAVAILABLE"]
        requests = [(request["operation"], request["status"]) for request in vendors.livekit.journal()]
        assert set(requests) == {("CreateRoom", status)}

    def test_existing_room_is_used(self, operator: ApiClient, vendors: StubClients, names: IdFactory) -> None:
        """LiveKit's SIP service opens the room of an incoming call itself, with the agent of its dispatch rule."""
        call_id = names.call()
        add_participant(vendors, call_id, "caller", "SIP")

        started = operator.send_event(call_started(call_id))

        assert started["warnings"] == []
        assert len(vendors.livekit.requests("SendData")) == 1

    def test_reply_in_a_room_that_was_closed_is_a_warning(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The telephone system still gets the reply."""
        call_id = names.call()
        operator.send_event(call_started(call_id))
        vendors.livekit.set_provider_state("no room")

        response = operator.send_event(call_interaction(call_id, "greeting"))

        assert response["reply"]
        assert [warning["code"] for warning in response["warnings"]] == ["LIVEKIT_UNAVAILABLE"]
        assert vendors.livekit.journal()[-1]["status"] == 503
