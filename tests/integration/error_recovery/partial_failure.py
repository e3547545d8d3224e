"""Events that failed half-way are completed when they are delivered again."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.integration import pact_coverage
from tests.integration.call_flow.outbound_steps import dialled_numbers
from tests.integration.deployment import require_local_stack
from tests.integration.error_recovery.killed_outbound_call import place_with_kill
from tests.integration.error_recovery.killed_transfer import transfer_with_kill
from tests.integration.error_recovery.partial_failure_cases import CHANGES, select_kills, select_stalls
from tests.integration.error_recovery.partial_failure_rounds import (
    PartialFailureRounds,
    Undisturbed,
    find_differences,
)
from tests.integration.error_recovery.partial_failure_stack import (
    PartialFailureStack,
    run_partial_failure_stack,
)
from tests.integration.ids import RUN_ID, IdFactory
from tests.integration.vendors import StubClients


@pytest.fixture(scope="module")
def killable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PartialFailureStack]:
    """Two processes; shared, because their start costs seconds."""
    require_local_stack("kills the service, Redis and PostgreSQL")
    with run_partial_failure_stack(tmp_path_factory.mktemp("partial-failure")) as stack:
        yield stack


@pytest.fixture(scope="module")
def partial_failure(
    killable: PartialFailureStack, control: httpx.Client, request: pytest.FixtureRequest
) -> Iterator[tuple[PartialFailureRounds, Undisturbed]]:
    """The rounds and a run without failures; shared, because it costs seconds and every round has its own calls."""
    vendors = StubClients(killable.stub_urls, control)
    rounds = PartialFailureRounds(killable, vendors, control, IdFactory(f"pf{RUN_ID[-3:]}"))
    yield rounds, rounds.run_undisturbed()
    rounds.close()
    pact_coverage.fail_on_unknown_requests(request.config, vendors)


@pytest.mark.slow
class TestPartialFailure:
    """An event that failed after some of its steps is resumed: each effect happens once, and nothing is lost."""

    def test_every_effect_of_every_event_is_a_case(
        self, partial_failure: tuple[PartialFailureRounds, Undisturbed]
    ) -> None:
        """The cases are generated from what the events do, so an event or vendor request that is added is covered."""
        rounds, undisturbed = partial_failure

        operations = {(case.vendor, case.operation) for case in undisturbed.cases}

        assert {case.kind for case in undisturbed.cases} == set(rounds.kinds())
        expected = {(vendor, name) for vendor, names in CHANGES.items() for name in names}
        assert expected <= operations

    def test_event_of_a_killed_process_is_completed_once(
        self, partial_failure: tuple[PartialFailureRounds, Undisturbed]
    ) -> None:
        """SIGKILL while the vendor has the request and not responded; redelivered to the same and to another process."""
        rounds, undisturbed = partial_failure

        results = rounds.run_with_kill(select_kills(undisturbed.cases))

        assert {result.status for result in results} == {None}
        differences = find_differences(results, undisturbed)
        assert not differences, differences

    def test_event_during_a_stall_of_redis_is_completed_once(
        self, partial_failure: tuple[PartialFailureRounds, Undisturbed]
    ) -> None:
        """SIGSTOP of Redis at every vendor request: the vendor has done it, and the service cannot note it."""
        rounds, undisturbed = partial_failure

        results = rounds.run_with_stalled_redis(select_stalls(undisturbed.cases))

        statuses = {result.status for result in results}
        assert 503 in statuses
        assert statuses <= {200, 503}
        differences = find_differences(results, undisturbed)
        assert not differences, differences

    def test_event_during_a_stall_of_the_database_is_completed_once(
        self, partial_failure: tuple[PartialFailureRounds, Undisturbed]
    ) -> None:
        """SIGSTOP of PostgreSQL: only a consent and the end of a call need it."""
        rounds, undisturbed = partial_failure

        results = rounds.run_with_stalled_database()

        assert {result.kind: result.status for result in results if result.status != 200} == {
            "call.ended": 503,
            "recording_consent": 503,
        }
        differences = find_differences(results, undisturbed)
        assert not differences, differences

    @pytest.mark.parametrize(("guest_waits", "status"), [(True, "answered"), (False, "unknown")])
    def test_outbound_call_of_a_killed_process_is_dialled_once(
        self,
        killable: PartialFailureStack,
        control: httpx.Client,
        names: IdFactory,
        *,
        guest_waits: bool,
        status: str,
    ) -> None:
        """A guest who waits in the room is spoken to; otherwise nobody knows, and staff finds the number."""
        vendors, number = StubClients(killable.stub_urls, control), names.phone()

        call = place_with_kill(killable, vendors, number, guest_waits=guest_waits)

        assert (call["status"], call["number"]) == (status, None if guest_waits else number)
        assert dialled_numbers(vendors).count(number) == 1

    def test_transfer_of_a_killed_process_is_recognized_by_the_room(
        self, killable: PartialFailureStack, control: httpx.Client, names: IdFactory
    ) -> None:
        """The colleague has picked up, so nobody is transferred again, and the caller is not told that it failed."""
        vendors = StubClients(killable.stub_urls, control)
        before = len(vendors.livekit.requests("TransferSIPParticipant"))

        record = transfer_with_kill(killable, vendors, names)

        assert record["interactions"] == [{"type": "transfer_request", "outcome": "done"}]
        assert len(vendors.livekit.requests("TransferSIPParticipant")) == before + 1
