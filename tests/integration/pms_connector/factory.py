"""The selection of the PMS."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from local_stack.orchestrator_process import StartError
from local_stack.stack import ADMIN, run_stack
from tests.integration.accounts import login_client
from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.data import ARRIVAL, DATES
from tests.integration.deployment import require_local_stack
from tests.integration.ids import IdFactory
from tests.integration.settings import LENIENT_SETTINGS


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiClient]:
    """A client of an orchestrator with the in-memory PMS."""
    require_local_stack("needs settings of its own")
    with run_stack(tmp_path_factory.mktemp("memory"), {**LENIENT_SETTINGS, "PMS_KIND": "memory"}) as stack:
        api = login_client(stack.url, *ADMIN)
        yield api
        api.close()


class TestFactory:
    """The PMS is selected by a setting."""

    def test_in_memory_pms_runs_the_same_call_flow(self, memory: ApiClient, names: IdFactory) -> None:
        """Booking and stay details go through the same connector."""
        call_id = names.call()
        memory.send_event(call_started(call_id))

        created = memory.send_event(
            call_interaction(call_id, "booking_request", **DATES, last_name="Beispiel", adults=2)
        )
        details = memory.send_event(call_interaction(call_id, "guest_info_request", second=20))
        memory.send_event(call_ended(call_id))

        assert (created["outcome"], details["result"]["guest_name"]) == ("done", "Beispiel")
        assert details["result"]["reservation_id"] == created["result"]["reservation_id"]

    def test_unsupported_capability_is_reported(self, memory: ApiClient, names: IdFactory) -> None:
        """The connector's capabilities decide, not an internal error."""
        call_id = names.call()
        memory.send_event(call_started(call_id))

        response = memory.send_event(call_interaction(call_id, "room_service_request", service="breakfast"))

        assert (response["outcome"], response["result"]) == ("refused", {"reason": "not_supported"})

    def test_in_memory_pms_moves_and_cancels_a_stay(self, memory: ApiClient, names: IdFactory) -> None:
        """Changes and cancellations are not specific to Apaleo."""
        call_id, later = names.call(), str(ARRIVAL + timedelta(days=5))
        memory.send_event(call_started(call_id))
        memory.send_event(call_interaction(call_id, "booking_request", **DATES, last_name="Beispiel"))

        moved = memory.send_event(
            call_interaction(call_id, "change_request", second=20, **DATES | {"departure": later})
        )
        cancelled = memory.send_event(
            call_interaction(call_id, "cancellation_request", second=30, confirmed=True)
        )
        stay = memory.send_event(call_interaction(call_id, "guest_info_request", second=40))

        assert [moved["outcome"], cancelled["outcome"]] == ["done", "done"]
        assert (stay["result"]["departure"], stay["result"]["status"]) == (later, "canceled")

    def test_unknown_pms_kind_stops_the_start(self, tmp_path: Path) -> None:
        """The error lists the supported kinds."""
        error = "PMS_KIND.*apaleo, mews, memory.*'opera'"

        with (
            pytest.raises(StartError, match=error),
            run_stack(tmp_path, {**LENIENT_SETTINGS, "PMS_KIND": "opera"}),
        ):
            pass
