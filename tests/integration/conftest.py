"""The service under test, its vendors, and who calls it.

By default an orchestrator with stub vendors and a real Redis is started on loopback, once for each test process. With
ORCHESTRATOR_URL (and ORCHESTRATOR_EMAIL, ORCHESTRATOR_PASSWORD of an admin) that deployment is tested instead; what
needs to drive vendors, Redis or settings is then reported as not run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest

from local_stack.stack import ADMIN, Stack, run_stack, stub_environment
from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import run_apps
from tests.integration import pact_coverage
from tests.integration.api import ApiClient, IdFactory, bearer
from tests.integration.jwt_attacks import JWT_KEYS
from tests.integration.vendors import StubClients
from tests.redis_server import RedisServer, redis_server

ORCHESTRATOR_URL = os.environ.get("ORCHESTRATOR_URL")
LENIENT_SETTINGS = {
    "PASSWORD_COST": "least",
    "JWT_KEYS": JWT_KEYS,
    "RATE_LIMIT": "1000000",
    "BREAKER_FAILURES": "3",
    "BREAKER_OPEN_SECONDS": "1.5",
    "VENDOR_DEADLINE": "4",
    "CORS_ORIGINS": '["https://console.hotel.example"]',
}
STRICT_SETTINGS = {
    **LENIENT_SETTINGS,
    "PASSWORD_COST": "full",
    "RATE_LIMIT": "5",
    "SERVICE_RATE_LIMIT": "50",
    "RATE_WINDOW": "3",
    "ACCESS_TOKEN_SECONDS": "1",
    "LOGIN_ATTEMPTS": "3",
    "LOGIN_WINDOW": "3",
    "SESSION_SECONDS": "1",
}
VAULT_KEY = "from-vault:" + "a-key-that-only-vault-has-" * 2
MakeUser = Callable[..., ApiClient]


def skip_for_deployment(why: str) -> NoReturn:
    """Say that a test is not run, and why."""
    pytest.skip(f"not run: {why}, and ORCHESTRATOR_URL is set")


def require_local_stack(why: str) -> None:
    """Go on if the service is one that was started here; a deployment cannot be driven like this."""
    if ORCHESTRATOR_URL:
        skip_for_deployment(why)


@pytest.fixture(scope="session")
def redis_of_the_suite() -> Iterator[RedisServer]:
    """A real Redis."""
    with redis_server() as server:
        yield server


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, redis_of_the_suite: RedisServer) -> Iterator[Stack]:
    """The service and its stub vendors."""
    if ORCHESTRATOR_URL:
        yield Stack(ORCHESTRATOR_URL.rstrip("/"), {})
        return
    settings = {**LENIENT_SETTINGS, "REDIS_URL": redis_of_the_suite.url}
    with run_stack(tmp_path_factory.mktemp("stack"), settings) as found:
        yield found


@pytest.fixture(scope="session")
def strict_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A second service, whose limits are reached and whose tokens expire soon; it keeps things in memory."""
    require_local_stack("needs settings of its own")
    with run_stack(tmp_path_factory.mktemp("strict"), STRICT_SETTINGS) as found:
        yield found


@pytest.fixture(scope="module")
def vault_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A service whose signing key and vendors' credentials are in Vault, and nowhere else."""
    require_local_stack("needs settings of its own")
    with run_apps([create_stub_app("vault")]) as servers:
        secret = {"JWT_KEYS": VAULT_KEY, "TTS_API_KEY": "stub-tts-key"}
        state = {"state": "a secret", "params": {"path": "orchestrator", "data": secret}}
        httpx.post(f"{servers.urls['vault']}/_stub/states", json=state).raise_for_status()
        settings = {**LENIENT_SETTINGS, **stub_environment(servers), "JWT_KEYS": "", "TTS_API_KEY": ""}
        with run_stack(tmp_path_factory.mktemp("vault"), settings) as stack:
            yield stack


@pytest.fixture
def sample_audio(operator: ApiClient) -> bytes:
    """A sentence as the service speaks it, as MP3."""
    answer = operator.post("/tts/synthesize", {"text": "Good evening, and welcome.", "format": "mp3"})
    assert answer.status_code == 200, answer.text
    return answer.content


@pytest.fixture
def service_log(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """Reads what the service has printed so far."""
    require_local_stack("needs the service's log")
    [log] = tmp_path_factory.getbasetemp().glob("stack[0-9]*/orchestrator.log")
    return log.read_text


@pytest.fixture(scope="session")
def control() -> Iterator[httpx.Client]:
    """A client for the stubs' control API."""
    with httpx.Client(timeout=20.0) as http:
        yield http


@pytest.fixture(scope="session")
def stubs(stack: Stack, control: httpx.Client) -> StubClients | None:
    """The stub vendors, if there are any."""
    return StubClients(stack.stub_urls, control) if stack.stub_urls else None


@pytest.fixture
def vendors(stubs: StubClients | None) -> StubClients:
    """The vendors, to be driven."""
    if stubs is None:
        skip_for_deployment("needs stub vendors")
    return stubs


@pytest.fixture(autouse=True)
def reset_vendors_and_check_pacts(
    request: pytest.FixtureRequest, stubs: StubClients | None, admin: ApiClient
) -> Iterator[None]:
    """Vendors begin anew, circuits are closed, and no vendor is called in a way that no pact describes."""
    for vendor in stubs.all.values() if stubs else ():
        if vendor.dirty:
            vendor.reset()
    yield
    if stubs:
        if any(vendor.dirty for vendor in stubs.all.values()):
            _close_circuits(admin)
        pact_coverage.fail_on_unknown_requests(request.config, stubs)


@pytest.fixture(scope="session")
def admin(stack: Stack) -> Iterator[ApiClient]:
    """A user with the role admin."""
    email, password = (
        os.environ.get(f"ORCHESTRATOR_{name}", ours)
        for name, ours in (("EMAIL", ADMIN[0]), ("PASSWORD", ADMIN[1]))
    )
    api = login_client(stack.url, email, password)
    yield api
    api.close()


@pytest.fixture
def anonymous(stack: Stack) -> Iterator[ApiClient]:
    """Somebody without any credentials."""
    api = ApiClient(stack.url)
    yield api
    api.close()


@pytest.fixture
def names(worker_id: str) -> IdFactory:
    """Ids that nobody else uses."""
    return IdFactory(worker_id)


@pytest.fixture
def make_user(stack: Stack, admin: ApiClient, names: IdFactory) -> Iterator[MakeUser]:
    """Makes users of a role, logged in."""
    made: list[ApiClient] = []

    def make(*roles: str, hotel_ids: list[str] | None = None) -> ApiClient:
        email, password = names.email(), "correct horse battery"
        new = {"email": email, "password": password, "roles": list(roles), "hotel_ids": hotel_ids}
        answer = admin.post("/auth/admin/users", new)
        assert answer.status_code == 201, answer.text
        made.append(login_client(stack.url, email, password))
        return made[-1]

    yield make
    for api in made:
        api.close()


@pytest.fixture
def api_key_client(stack: Stack, admin: ApiClient) -> Iterator[ApiClient]:
    """A service with an API key that may run calls."""
    api = ApiClient(stack.url, {"X-API-Key": create_api_key(admin, "call:start", "call:end")["key"]})
    yield api
    api.close()


@pytest.fixture
def operator(make_user: MakeUser) -> ApiClient:
    """A user who runs calls."""
    return make_user("operator")


def login_client(url: str, email: str, password: str) -> ApiClient:
    """A user's client; `tokens` of the login are in its `headers`."""
    answer = httpx.post(f"{url}/auth/login", json={"email": email, "password": password}, timeout=20.0)
    assert answer.status_code == 200, answer.text
    return ApiClient(url, bearer(answer.json()["access_token"]))


def create_api_key(admin: ApiClient, *permissions: str, **more: Any) -> dict[str, Any]:
    """A new API key."""
    wanted = {"name": "suite", "service_name": "suite", "permissions": list(permissions), **more}
    answer = admin.post("/auth/api-keys", wanted)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _close_circuits(admin: ApiClient) -> None:
    for circuit in admin.get("/resilience/circuit-breakers").json():
        if circuit["state"] != "closed":
            admin.post(f"/resilience/circuit-breakers/{circuit['name']}/reset")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each suite has its mark, so that it can be chosen."""
    here = Path(__file__).parent
    marks = {
        "test_call_flow": "e2e",
        "test_pms": "pms",
        "test_auth": "auth",
        "test_api": "api",
        "test_observability": "e2e",
    }
    for item in items:
        if item.path.parent == here:
            item.add_marker(next(mark for name, mark in marks.items() if item.path.stem.startswith(name)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What could not be run against a deployment, by name."""
    skipped = terminalreporter.stats.get("skipped", ())
    if not ORCHESTRATOR_URL or not skipped:
        return
    terminalreporter.section(
        f"not run against {ORCHESTRATOR_URL}, for it cannot be driven: {len(skipped)} tests"
    )
    for report in skipped:
        terminalreporter.line(report.nodeid)
