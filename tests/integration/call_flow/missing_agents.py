"""Voice agents that never join a call."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_stack.stack import Stack
from tests.integration.api import ApiClient
from tests.integration.call_flow.agents import (
    AGENT,
    AGENT_LEFT,
    DEPARTURES,
    deliver,
    expect_outcomes,
    wait_for_dispatch,
    warnings_in_record,
)
from tests.integration.redis_control import redis_control
from tests.integration.scenarios import add_participant
from tests.integration.vendors import StubClients

ARRIVALS = "agent_arrivals_total"


class TestMissingAgents:
    """LiveKit accepts a dispatch although no agent worker runs, and reports nothing."""

    @pytest.fixture
    def let_time_pass(self, redis_url: str) -> Callable[[str], None]:
        """Return a function that lets the time come at which the agent of a call must have joined."""

        def make_due(call_id: str) -> None:
            with redis_control(redis_url) as redis:
                assert redis.make_follow_ups_due(call_id) == 1

        return make_due

    @pytest.mark.critical
    def test_agent_that_never_joins_is_dispatched_again_then_a_human_takes_over(
        self,
        anonymous: ApiClient,
        admin: ApiClient,
        operator: ApiClient,
        vendors: StubClients,
        supervised_call: str,
        caller_phone: str,
        let_time_pass: Callable[[str], None],
    ) -> None:
        """The caller would otherwise hear nothing at all."""
        with expect_outcomes(anonymous, ARRIVALS, transferred=1):
            let_time_pass(supervised_call)

        room = f"call-{supervised_call}"
        assert vendors.livekit.bodies("CreateDispatch") == [{"room": room, "agent_name": AGENT}]
        assert [body["room"] for body in vendors.livekit.bodies("DeleteDispatch")] == [room]
        [transfer] = vendors.livekit.bodies("TransferSIPParticipant")
        assert transfer["participant_identity"] == "caller"
        assert warnings_in_record(admin, operator, supervised_call, caller_phone) == ["AGENT_LOST"]

    def test_agent_that_joins_after_the_second_dispatch_keeps_the_guest(
        self,
        anonymous: ApiClient,
        vendors: StubClients,
        supervised_call: str,
        let_time_pass: Callable[[str], None],
    ) -> None:
        """Its worker was being restarted."""
        vendors.livekit.inject_fault("delay", "CreateDispatch", seconds=600, times=1)

        with expect_outcomes(anonymous, ARRIVALS, replaced=1) as outcomes:
            let_time_pass(supervised_call)
            wait_for_dispatch(vendors, outcomes)
            add_participant(vendors, supervised_call, "agent", "AGENT")
            vendors.livekit.clear_faults()

        assert vendors.livekit.requests("TransferSIPParticipant") == []

    def test_agent_that_has_joined_is_not_dispatched_again(
        self,
        anonymous: ApiClient,
        vendors: StubClients,
        supervised_call: str,
        let_time_pass: Callable[[str], None],
    ) -> None:
        """The look costs one request to LiveKit."""
        add_participant(vendors, supervised_call, "agent", "AGENT")

        with expect_outcomes(anonymous, ARRIVALS, not_missed=1):
            let_time_pass(supervised_call)

        assert len(vendors.livekit.requests("ListParticipants")) == 1
        assert vendors.livekit.requests("CreateDispatch") == []

    def test_agent_that_was_already_replaced_is_left_to_that(
        self,
        stack: Stack,
        anonymous: ApiClient,
        vendors: StubClients,
        supervised_call: str,
        let_time_pass: Callable[[str], None],
    ) -> None:
        """It joined, left, and may be on its way again when its time to join is over."""
        vendors.livekit.set_provider_state("a SIP peer", status=486)
        with expect_outcomes(anonymous, DEPARTURES, lost=1):
            deliver(stack, vendors, AGENT_LEFT, supervised_call)

        with expect_outcomes(anonymous, ARRIVALS, not_missed=1):
            let_time_pass(supervised_call)

        assert len(vendors.livekit.requests("CreateDispatch")) == 1
        assert len(vendors.livekit.requests("TransferSIPParticipant")) == 1
