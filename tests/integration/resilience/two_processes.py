"""Two processes of the service on one Redis and one database act as one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from local_stack.orchestrator_process import run_orchestrator
from local_stack.stack import ADMIN, VENDORS, WEBHOOK_SECRET, Stack, stub_environment
from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import run_apps
from tests.integration import pact_coverage
from tests.integration.accounts import create_api_key, login_client
from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.call_flow.outbound_steps import (
    FINAL,
    dialled_numbers,
    get_call,
    let_telephone_be,
    order,
)
from tests.integration.database_control import make_outbound_call_due
from tests.integration.deployment import require_local_stack
from tests.integration.ids import IdFactory
from tests.integration.scenarios import (
    add_guest,
    circuit_group_states,
    close_circuits,
    exported_calls,
    reservation_reads,
    start_unknown_calls,
)
from tests.integration.settings import LENIENT_SETTINGS, PUNCTUAL_SETTINGS
from tests.integration.vendors import StubClients
from tests.integration.waiting import wait_until
from tests.integration.webhooks import deliver_apaleo_event
from tests.redis_server import RedisServer, redis_server

SERVICE_RATE_LIMIT = 5
OUTBOUND_CALLS = 8
AMENDED = "a reservation was amended"


@dataclass(frozen=True)
class TwoProcesses:
    """Two processes of the service with the same stubs, and the Redis that they share."""

    stacks: tuple[Stack, Stack]
    redis: RedisServer
    database: Path


@dataclass(frozen=True)
class Cluster:
    """An administrator's clients of both processes, with the same session, and the reset stubs."""

    first: ApiClient
    second: ApiClient
    vendors: StubClients
    processes: TwoProcesses

    def deliver_to_first(self, description: str, entity_id: str) -> httpx.Response:
        """Deliver one of Apaleo's events to the first process."""
        return deliver_apaleo_event(self.processes.stacks[0], self.vendors, description, entity_id)


@pytest.fixture(scope="module")
def two_processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoProcesses]:
    """Two processes on one Redis and one database; all tests share them: two starts take seconds."""
    require_local_stack("needs two processes")
    folder = tmp_path_factory.mktemp("two")
    settings = {
        **LENIENT_SETTINGS,
        **PUNCTUAL_SETTINGS,
        "ENVIRONMENT": "test",
        "SERVICE_RATE_LIMIT": str(SERVICE_RATE_LIMIT),
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/orchestrator.sqlite",
        "ADMIN_EMAIL": ADMIN[0],
        "ADMIN_PASSWORD": ADMIN[1],
        "APALEO_WEBHOOK_SECRET": WEBHOOK_SECRET,
    }
    with (
        redis_server() as redis,
        run_apps(create_stub_app(vendor) for vendor in VENDORS) as servers,
        ExitStack() as running,
    ):
        environment = {**settings, **stub_environment(servers), "REDIS_URL": redis.url}
        first, second = (
            Stack(
                running.enter_context(run_orchestrator(environment, folder / f"{name}.log")).url, servers.urls
            )
            for name in ("first", "second")
        )
        yield TwoProcesses((first, second), redis, folder / "orchestrator.sqlite")


@pytest.fixture
def cluster(
    two_processes: TwoProcesses, control: httpx.Client, request: pytest.FixtureRequest
) -> Iterator[Cluster]:
    """Both processes with reset stubs, closed circuits and one session."""
    first, second = two_processes.stacks
    vendors = StubClients(first.stub_urls, control)
    for vendor in vendors.all.values():
        vendor.reset()
    admin = login_client(first.url, *ADMIN)
    other = ApiClient(second.url, admin.headers)
    for api in (admin, other):
        # before the test, because a test that restarts Redis ends the session
        close_circuits(api)
    yield Cluster(admin, other, vendors, two_processes)
    admin.close()
    other.close()
    pact_coverage.fail_on_unknown_requests(request.config, vendors)


def ask(api: ApiClient, call_id: str, second: int) -> dict[str, Any]:
    """Ask for the details of the stay."""
    return api.send_event(call_interaction(call_id, "guest_info_request", second=second))


def start_call_at_second(cluster: Cluster, names: IdFactory) -> tuple[str, str]:
    """Start a call at the second process, which caches the reservation; return the ids of reservation and call."""
    reservation_id, call_id = add_guest(cluster.vendors, names, status="Confirmed"), names.call()
    cluster.second.send_event(call_started(call_id, reservation_id=reservation_id))
    ask(cluster.second, call_id, 1)
    assert reservation_reads(cluster.vendors) == 1
    return reservation_id, call_id


class TestTwoProcesses:
    """What one process does holds for the other."""

    def test_rate_limit_counts_requests_to_both_processes(self, cluster: Cluster) -> None:
        """The limit of a client is not multiplied by the number of processes."""
        key = {"X-API-Key": create_api_key(cluster.first, "call:start")["key"]}
        apis = [ApiClient(api.url, key) for api in (cluster.first, cluster.second)]

        statuses = [
            api.post("/tts/synthesize", {"text": "Good day."}).status_code
            for api in apis * SERVICE_RATE_LIMIT
        ]
        for api in apis:
            api.close()

        assert statuses == [200] * SERVICE_RATE_LIMIT + [429] * SERVICE_RATE_LIMIT

    @pytest.mark.critical
    def test_event_delivered_to_both_processes_has_one_effect(
        self, cluster: Cluster, names: IdFactory
    ) -> None:
        """Both deliveries get the same response, at the same time as well as later."""
        event = call_started(names.call(), reservation_id=add_guest(cluster.vendors, names))

        with ThreadPoolExecutor(2) as pool:
            at_once = list(pool.map(lambda api: api.send_event(event), (cluster.first, cluster.second)))
        later = cluster.second.send_event(event)

        assert at_once == [later, later]
        assert len(cluster.vendors.livekit.requests("CreateRoom")) == 1

    def test_session_ends_in_both_processes(self, cluster: Cluster) -> None:
        """A login at one is valid at the other, and so is its logout."""
        user = login_client(cluster.first.url, *ADMIN)
        other = ApiClient(cluster.second.url, user.headers)

        before = other.get("/auth/profile").status_code
        user.post("/auth/logout")
        after = other.get("/auth/profile").status_code
        user.close()
        other.close()

        assert (before, after) == (200, 401)

    @pytest.mark.critical
    def test_events_of_a_call_may_go_to_either_process(self, cluster: Cluster, names: IdFactory) -> None:
        """The call has one record."""
        call_id, phone = names.call(), names.phone()
        reservation_id = add_guest(cluster.vendors, names)
        cluster.first.send_event(call_started(call_id, phone, reservation_id=reservation_id))
        details = ask(cluster.second, call_id, 1)
        cluster.first.send_event(call_ended(call_id))

        assert details["result"]["guest_name"] == "Ada Muster"
        assert [record["call_id"] for record in exported_calls(cluster.second, phone)] == [call_id]

    @pytest.mark.critical
    def test_webhook_invalidates_the_cache_of_the_other_process(
        self, cluster: Cluster, names: IdFactory
    ) -> None:
        """A stay that was moved at Apaleo is read again by the process that did not get the webhook."""
        reservation_id, call_id = start_call_at_second(cluster, names)
        cluster.vendors.apaleo.set_provider_state("a reservation", id=reservation_id, unit="MUC-202")

        response = cluster.deliver_to_first(AMENDED, reservation_id)
        room = ask(cluster.second, call_id, 2)["result"]["room"]

        assert (response.status_code, room, reservation_reads(cluster.vendors)) == (200, "202", 2)

    def test_webhook_about_another_booking_leaves_the_cache(self, cluster: Cluster, names: IdFactory) -> None:
        """Reservations that did not change are not read again."""
        _, call_id = start_call_at_second(cluster, names)

        cluster.deliver_to_first(AMENDED, names.reservation())
        ask(cluster.second, call_id, 2)

        assert reservation_reads(cluster.vendors) == 1

    def test_booking_webhook_invalidates_the_cache_of_the_other_process(
        self, cluster: Cluster, names: IdFactory
    ) -> None:
        """Apaleo's booking events name no reservation, and the first process has none in its cache."""
        reservation_id, call_id = start_call_at_second(cluster, names)

        cluster.deliver_to_first("a booking was changed", reservation_id.rpartition("-")[0])
        ask(cluster.second, call_id, 2)

        assert reservation_reads(cluster.vendors) == 2

    def test_webhook_invalidates_results_by_phone_number_of_the_other_process(
        self, cluster: Cluster, names: IdFactory
    ) -> None:
        """Any of them may contain the changed reservation."""
        phone = names.phone()
        cluster.second.send_event(call_started(names.call(), phone))
        cluster.second.send_event(call_started(names.call(), phone))
        before = len(cluster.vendors.apaleo.requests("listReservations"))

        cluster.deliver_to_first(AMENDED, names.reservation())
        cluster.second.send_event(call_started(names.call(), phone))

        assert (before, len(cluster.vendors.apaleo.requests("listReservations"))) == (1, 2)

    @pytest.mark.critical
    def test_cancellation_by_one_process_is_known_to_the_other(
        self, cluster: Cluster, names: IdFactory
    ) -> None:
        """The guest cancels in a call that the first process handles; the second one no longer offers the stay."""
        reservation_id, call_id = start_call_at_second(cluster, names)
        cancelling = names.call()
        cluster.first.send_event(call_started(cancelling, reservation_id=reservation_id))
        reads = reservation_reads(cluster.vendors)

        cancelled = cluster.first.send_event(
            call_interaction(cancelling, "cancellation_request", confirmed=True)
        )
        ask(cluster.second, call_id, 2)

        assert cancelled["outcome"] == "done"
        assert reservation_reads(cluster.vendors) == reads + 1

    @pytest.mark.critical
    def test_outbound_calls_are_placed_once(self, cluster: Cluster, names: IdFactory) -> None:
        """Both processes look for calls that are due; each call is dialled by one of them."""
        let_telephone_be(cluster.vendors)
        calls = [order(cluster.first, names.phone()) for _ in range(OUTBOUND_CALLS)]
        for call in calls:
            make_outbound_call_due(cluster.processes.database, call["id"])

        def statuses() -> list[str]:
            return [get_call(cluster.second, call["id"])["status"] for call in calls]

        wait_until(lambda: all(status in FINAL for status in statuses()), "all calls are over")

        assert set(statuses()) == {"answered"}
        assert sorted(dialled_numbers(cluster.vendors)) == sorted(call["number"] for call in calls)

    def test_each_process_has_circuits_of_its_own(self, cluster: Cluster, names: IdFactory) -> None:
        """A process that cannot reach a vendor does not stop the others; see ADR 9."""
        cluster.vendors.apaleo.inject_fault("status", "getReservation", status=503)
        start_unknown_calls(cluster.first, names, int(LENIENT_SETTINGS["BREAKER_FAILURES"]))

        states = [circuit_group_states(api)["apaleo.booking"] for api in (cluster.first, cluster.second)]

        assert states == ["open", "closed"]

    def test_neither_process_acts_alone_while_redis_is_away(self, cluster: Cluster, names: IdFactory) -> None:
        """Events and webhooks are refused for a redelivery; afterwards nothing cached before the outage is believed."""
        reservation_id, _ = start_call_at_second(cluster, names)
        redis = cluster.processes.redis
        redis.kill()
        apis = (cluster.first, cluster.second)
        events = [api.post_event(call_started(names.call())) for api in apis]
        webhook = cluster.deliver_to_first(AMENDED, reservation_id)
        alive = [api.get("/healthz").status_code for api in apis]
        redis.start()
        wait_until(lambda: all(api.get("/readyz").status_code == 200 for api in apis), "both are ready again")

        again = login_client(cluster.second.url, *ADMIN)
        again.send_event(call_started(names.call(), reservation_id=reservation_id))
        again.close()

        assert [response.status_code for response in (*events, webhook)] == [503] * 3
        assert all(response.json()["error"]["retryable"] for response in (*events, webhook))
        assert (alive, reservation_reads(cluster.vendors)) == ([200, 200], 2)
