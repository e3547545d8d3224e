"""The service under test, its stub vendors and its clients.

By default each test process starts an orchestrator with stub vendors and a real Redis on loopback. With
ORCHESTRATOR_URL (and ORCHESTRATOR_EMAIL, ORCHESTRATOR_PASSWORD of an admin) the suites test that deployment instead;
tests that control vendors, Redis or settings are then skipped and listed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local_stack.stack import ADMIN, Stack, run_stack
from tests.integration import failure_report, pact_coverage
from tests.integration.accounts import Account, Login, MakeUser, create_api_key, create_user, login_client
from tests.integration.api import SENT_REQUESTS, TIMEOUT_SECONDS, ApiClient
from tests.integration.call_events import call_ended, call_started
from tests.integration.data import PASSWORD
from tests.integration.deployment import (
    ORCHESTRATOR_URL,
    print_skipped,
    require_local_stack,
    skip_for_deployment,
)
from tests.integration.figures import print_figures
from tests.integration.given_servers import SuiteVault, suite_redis, suite_vault
from tests.integration.ids import IdFactory
from tests.integration.scenarios import add_guest, close_circuits
from tests.integration.settings import LENIENT_SETTINGS, UNHURRIED_SETTINGS, VAULT_SECRET
from tests.integration.strict_service import StrictService, run_strict_service
from tests.integration.vendors import StubClients

collect_ignore = ["test_runner.py"]  # a script
TEST_TIMEOUT_SECONDS = 1800
RECORDINGS = "recordings"
"""The folder of recordings, in that of the service."""
SUITE_MARKS = {
    "test_call_flow": "e2e",
    "test_existing": "e2e",
    "test_observability": "e2e",
    "test_pms": "pms",
    "test_auth": "auth",
    "test_api": "api",
    "test_error": "resilience",
    "test_performance": "performance",
    "test_resilience": "resilience",
}


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of a database of a real Redis server."""
    with suite_redis() as url:
        yield url


@pytest.fixture(scope="session", autouse=True)
def log_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Tell the report of a failure where the services' logs are."""
    request.config.stash[failure_report.LOG_FOLDER] = tmp_path_factory.getbasetemp()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Stack]:
    """The service with limits that no test reaches, and its stub vendors."""
    if ORCHESTRATOR_URL:
        yield Stack(ORCHESTRATOR_URL.rstrip("/"), {})
        return
    folder = tmp_path_factory.mktemp("stack")
    recordings = folder / RECORDINGS
    recordings.mkdir()
    settings = {
        **LENIENT_SETTINGS,
        **UNHURRIED_SETTINGS,
        "REDIS_URL": redis_url,
        "RECORDINGS_FOLDER": str(recordings),
    }
    with run_stack(folder, settings) as stack:
        yield stack


@pytest.fixture(scope="session")
def shared_strict_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StrictService]:
    """A second service with low rate limits and lifetimes of its own."""
    require_local_stack("needs settings of its own")
    with run_strict_service(tmp_path_factory.mktemp("strict")) as service:
        yield service


@pytest.fixture
def strict_service(shared_strict_service: StrictService) -> StrictService:
    """The service with low limits, of which none is used yet."""
    shared_strict_service.redis.clear_rate_limits()
    return shared_strict_service


@pytest.fixture(scope="module")
def secrets_in_vault() -> Iterator[SuiteVault]:
    """A Vault with a signing key and a vendor credential."""
    require_local_stack("needs settings of its own")
    with suite_vault(VAULT_SECRET) as vault:
        yield vault


@pytest.fixture(scope="module")
def vault_stack(tmp_path_factory: pytest.TempPathFactory, secrets_in_vault: SuiteVault) -> Iterator[Stack]:
    """A service with no other signing key and vendor credential, which never polls by itself."""
    settings = {
        **LENIENT_SETTINGS,
        **secrets_in_vault.settings,
        **dict.fromkeys(VAULT_SECRET, ""),
        "VAULT_POLL_SECONDS": "3600",
    }
    with run_stack(tmp_path_factory.mktemp("vault"), settings) as stack:
        yield stack


@pytest.fixture
def stack_folder(tmp_path_factory: pytest.TempPathFactory, stack: Stack) -> Path:  # noqa: ARG001 - started before
    """The folder of the service's log and database."""
    require_local_stack("needs the service's files")
    [folder] = tmp_path_factory.getbasetemp().glob("stack[0-9]*")
    return folder


@pytest.fixture
def recordings_folder(stack_folder: Path) -> Path:
    """The folder of the files of recordings, which the stub of LiveKit does not write."""
    return stack_folder / RECORDINGS


@pytest.fixture
def service_log(stack_folder: Path) -> Callable[[], str]:
    """Return a function that reads the service's log."""
    return (stack_folder / "orchestrator.log").read_text


@pytest.fixture(scope="session")
def control() -> Iterator[httpx.Client]:
    """An HTTP client for the stubs' control API."""
    with httpx.Client(timeout=TIMEOUT_SECONDS) as http:
        yield http


@pytest.fixture(scope="session")
def stubs(stack: Stack, control: httpx.Client) -> StubClients | None:
    """The stub vendors; None for a deployment."""
    return StubClients(stack.stub_urls, control) if stack.stub_urls else None


@pytest.fixture
def vendors(stubs: StubClients | None) -> StubClients:
    """The stub vendors; skips the test for a deployment."""
    if stubs is None:
        skip_for_deployment("needs stub vendors")
    return stubs


@pytest.fixture(autouse=True)
def reset_vendors_and_check_pacts(
    request: pytest.FixtureRequest, stubs: StubClients | None, admin: ApiClient
) -> Iterator[None]:
    """Reset the stubs before the test; close circuits and fail on requests without an interaction after it."""
    for vendor in stubs.all.values() if stubs else ():
        if vendor.dirty:
            vendor.reset()
            # those of the test before, which may not count
            vendor.exercised_before_reset.clear()
    yield
    if stubs:
        if any(vendor.dirty for vendor in stubs.all.values()):
            close_circuits(admin)
        pact_coverage.fail_on_unknown_requests(request.config, stubs)


@pytest.fixture(scope="session")
def admin(stack: Stack) -> Iterator[ApiClient]:
    """A user with the role admin."""
    email = os.environ.get("ORCHESTRATOR_EMAIL", ADMIN[0])
    password = os.environ.get("ORCHESTRATOR_PASSWORD", ADMIN[1])
    api = login_client(stack.url, email, password)
    yield api
    api.close()


@pytest.fixture
def anonymous(stack: Stack) -> Iterator[ApiClient]:
    """A client without credentials."""
    api = ApiClient(stack.url)
    yield api
    api.close()


@pytest.fixture
def names(worker_id: str) -> IdFactory:
    """Create unique ids."""
    return IdFactory(worker_id)


@pytest.fixture
def make_user(stack: Stack, admin: ApiClient, names: IdFactory) -> Iterator[MakeUser]:
    """Return a function that creates a user with roles and returns a logged-in client."""
    clients: list[ApiClient] = []

    def make(*roles: str, hotel_ids: list[str] | None = None) -> ApiClient:
        email = names.email()
        create_user(admin, email, PASSWORD, *roles, hotel_ids=hotel_ids)
        clients.append(login_client(stack.url, email, PASSWORD))
        return clients[-1]

    yield make
    for api in clients:
        api.close()


@pytest.fixture
def operator(make_user: MakeUser) -> ApiClient:
    """A user with the permission to run calls."""
    return make_user("operator")


@pytest.fixture
def api_key_client(stack: Stack, admin: ApiClient) -> Iterator[ApiClient]:
    """A service whose API key permits it to run calls."""
    api = ApiClient(stack.url, {"X-API-Key": create_api_key(admin, "call:start", "call:end")["key"]})
    yield api
    api.close()


@pytest.fixture
def account(admin: ApiClient, names: IdFactory) -> Account:
    """E-mail address and password of an operator."""
    email = names.email()
    create_user(admin, email, PASSWORD, "operator")
    return email, PASSWORD


@pytest.fixture
def login(anonymous: ApiClient) -> Login:
    """Return a function that logs in and returns the response body."""

    def log_in(account: Account, **fields: Any) -> dict[str, Any]:
        response = anonymous.post("/auth/login", {"email": account[0], "password": account[1], **fields})
        assert response.status_code == 200, response.text
        tokens: dict[str, Any] = response.json()
        return tokens

    return log_in


@pytest.fixture
def guest(vendors: StubClients, names: IdFactory) -> str:
    """The reservation id of a guest in room 101."""
    return add_guest(vendors, names)


@pytest.fixture
def guest_without_cached_speech(vendors: StubClients, names: IdFactory) -> str:
    """The reservation id of a guest whose greeting was never synthesised."""
    return add_guest(vendors, names, guest={"lastName": names.call(), "preferredLanguage": "de"})


@pytest.fixture
def call(operator: ApiClient, names: IdFactory, guest: str) -> Iterator[str]:
    """The id of an active call of that guest; it is ended after the test."""
    call_id = names.call()
    operator.send_event(call_started(call_id, reservation_id=guest))
    yield call_id
    operator.post_event(call_ended(call_id))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with its suite, by the prefix of its file, and with a timeout that only a hang reaches."""
    folder = Path(__file__).parent
    for item in items:
        if item.path.parent == folder:
            stem = item.path.stem
            item.add_marker(pytest.mark.timeout(TEST_TIMEOUT_SECONDS))
            item.add_marker(next(mark for prefix, mark in SUITE_MARKS.items() if stem.startswith(prefix)))


def pytest_runtest_setup() -> None:
    """Forget the requests of the previous test."""
    SENT_REQUESTS.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add requests and vendor errors to the report of a failure."""
    report = yield
    if report.failed and report.when != "teardown":  # then the stubs may be gone already
        failure_report.add_sections(item, report)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests measured, and list the tests that were skipped for a deployment."""
    print_figures(terminalreporter)
    print_skipped(terminalreporter)
