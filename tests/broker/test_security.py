"""Who may do what: users and tokens, what is public, failed logins, and whose word is taken for the broker's address."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from broker.app import create_app
from broker.database import Database
from broker.security import passwords
from broker.security.failed_logins import FailedLogins
from broker.security.users_file import UsersFileError, hash_token, parse_accounts
from broker.settings import Settings
from tests.broker.payloads import pact, publication

HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Cheap, because the parameters are part of a hash."""

WRITER, READER = ("rw", "secret"), ("ro", "look")
HEARTBEAT = "/diagnostic/status/heartbeat"
BADGE = "/pacticipants/x/main-branch/can-i-merge/badge.svg"
FOR_VERIFICATION = "/pacts/provider/x/for-verification"
CHALLENGE = 'Basic realm="Restricted area"'

OpenBroker = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


def users_toml(writer_password: str = "secret") -> str:  # noqa: S107 - an example
    """Return a users file with a writer, a reader and a token of each role."""
    return f"""
[users.rw]
role = "write"
password = "{HASHER.hash(writer_password)}"
[users.ro]
role = "read"
password = "{HASHER.hash("look")}"
[tokens.pipeline]
role = "write"
token = "{hash_token("write-token")}"
[tokens.monitor]
role = "read"
token = "{hash_token("read-token")}"
"""


@pytest.fixture
def users_file(tmp_path: Path) -> Path:
    """A file with users and tokens."""
    file = tmp_path / "users.toml"
    file.write_text(users_toml())
    return file


def replace_file(file: Path, text: str | None) -> None:
    """Write a file, or delete it."""
    if text is None:
        file.unlink()
    else:
        file.write_text(text)


@pytest.fixture
def open_broker(users_file: Path) -> OpenBroker:
    """Return a function that opens a client of a broker with users."""

    @asynccontextmanager
    async def open_client(
        client: tuple[str, int] = ("10.9.8.7", 1), **settings: Any
    ) -> AsyncIterator[httpx.AsyncClient]:
        database = Database(":memory:")
        app = create_app(database, Settings(users_file=users_file, **settings))
        transport = httpx.ASGITransport(app, client=client)
        async with httpx.AsyncClient(transport=transport, base_url="http://broker") as opened:
            yield opened
        database.close()

    return open_client


def bearer(token: str) -> dict[str, str]:
    """Return the header of a token."""
    return {"Authorization": f"Bearer {token}"}


REQUESTS = {
    "index": ("GET", "/"),
    "heartbeat": ("GET", HEARTBEAT),
    "create": ("POST", "/pacticipants"),
    "for verification": ("POST", FOR_VERIFICATION),
    "delete": ("DELETE", "/pacticipants/zz"),
    "publish": ("POST", "/contracts/publish"),
    "unknown route": ("GET", "/no/such/page"),
    "encoded query": ("POST", "/pacts/provider/x/for%2Dverification"),
}
EXPECTED = {
    "index": (401, 200, 200),
    "heartbeat": (401, 200, 200),
    "create": (401, 403, 201),
    "for verification": (401, 404, 404),
    "delete": (401, 403, 404),
    "publish": (401, 403, 400),
    "unknown route": (401, 404, 404),
    # only what surely is the query may be read with a POST
    "encoded query": (401, 403, 404),
}
"""Statuses for nobody, a reader and a writer, as the official broker responds, but 403 for a reader who writes."""


@pytest.mark.parametrize("name", REQUESTS)
async def test_status_for_nobody_reader_and_writer(open_broker: OpenBroker, name: str) -> None:
    """By user and by token; wrong credentials are like none."""
    method, url_path = REQUESTS[name]
    body = {"name": "x1"} if name == "create" else {}
    statuses = []
    async with open_broker() as client:
        for options in (
            {}, {"auth": ("rw", "wrong")}, {"auth": ("nobody", "secret")}, {"headers": bearer("wrong")}, {"headers": bearer("secret")},
            {"auth": READER}, {"headers": bearer("read-token")}, {"auth": WRITER}, {"headers": bearer("write-token")},
        ):  # fmt: skip
            content: dict[str, Any] = {"json": body} if method == "POST" else {}
            statuses.append((await client.request(method, url_path, **content, **options)).status_code)

    nobody, reader, writer = EXPECTED[name]
    assert statuses == [nobody] * 5 + [reader] * 2 + [writer] * 2


@pytest.mark.parametrize(
    "header",
    ["", "Basic", "Basic %%%", "Basic cnc", "Basic " + "A" * 2000, "Digest x", "Bearer", "Bearer  ", "basic OnNlY3JldA==", "Basic /w=="],
)  # fmt: skip
async def test_credentials_that_cannot_be_read_return_401(open_broker: OpenBroker, header: str) -> None:
    """With the challenge of the official broker and no body."""
    async with open_broker() as client:
        response = await client.get("/", headers={"Authorization": header})

    assert (response.status_code, response.headers["www-authenticate"], response.content) == (
        401,
        CHALLENGE,
        b"",
    )


async def test_reader_is_told_why_a_write_is_refused(open_broker: OpenBroker) -> None:
    """The official CLI prints the errors."""
    async with open_broker() as client:
        response = await client.post("/pacticipants", json={"name": "A"}, auth=READER)

    assert response.json() == {"errors": {"": ["'ro' may only read: use credentials with the role write"]}}


@pytest.mark.parametrize(
    ("settings", "public"),
    [
        ({}, set()),
        ({"public_heartbeat": True}, {HEARTBEAT}),
        ({"public_badges": True}, {BADGE}),
        ({"public_read": True}, {HEARTBEAT, BADGE, "/", FOR_VERIFICATION}),
    ],
)
async def test_public_paths_need_no_credentials(
    open_broker: OpenBroker, settings: dict[str, bool], public: set[str]
) -> None:
    """Only those of the setting, also with wrong credentials; a write never."""
    async with open_broker(**settings) as client:
        for url_path in (HEARTBEAT, BADGE, "/", FOR_VERIFICATION, "/pacticipants"):
            method = "POST" if url_path in {FOR_VERIFICATION, "/pacticipants"} else "GET"
            for auth in (None, ("rw", "wrong")):
                response = await client.request(method, url_path, auth=auth)
                assert (response.status_code != 401) == (url_path in public), url_path


async def test_badge_of_a_branch_is_public_like_the_others(open_broker: OpenBroker) -> None:
    """The official broker has no such badge."""
    async with open_broker(public_badges=True) as client:
        response = await client.get("/pacts/provider/x/consumer/y/branch/feat%2Fz/latest/badge.svg")

    assert (response.status_code, response.headers["content-type"]) == (200, "image/svg+xml;charset=utf-8")


@pytest.mark.parametrize(
    "url_path",
    ["/pacticipants/badge", "/pacticipants/x/versions/badge", "/pacticipants/x%2Fmain-branch/can-i-merge/badge", "/pacts/provider/x/consumer/y/version/badge"],
)  # fmt: skip
async def test_name_that_looks_like_a_badge_is_not_public(open_broker: OpenBroker, url_path: str) -> None:
    """A pacticipant or a version can be named badge."""
    async with open_broker(public_badges=True) as client:
        assert (await client.get(url_path)).status_code == 401


async def test_users_file_is_read_again_when_it_changes(open_broker: OpenBroker, users_file: Path) -> None:
    """A new password and a removed token take effect with the next request, also if they were used before."""
    async with open_broker() as client:
        before = [
            (await client.get("/", auth=WRITER)).status_code,
            (await client.get("/", headers=bearer("read-token"))).status_code,
        ]
        replace_file(users_file, users_toml("changed").partition("[tokens.monitor]")[0])
        after = [
            (await client.get("/", auth=WRITER)).status_code,
            (await client.get("/", auth=("rw", "changed"))).status_code,
            (await client.get("/", headers=bearer("read-token"))).status_code,
        ]

    assert (before, after) == ([200, 200], [401, 200, 401])


@pytest.mark.parametrize("damage", ["delete", "empty", "invalid"])
async def test_users_file_that_cannot_be_used_changes_nothing(
    open_broker: OpenBroker, users_file: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The accounts that were read last stay, and the log says so once; never is the broker open."""
    async with open_broker() as client:
        replace_file(users_file, None)
        if damage != "delete":
            replace_file(users_file, "" if damage == "empty" else "[users.rw]\nrole = 'admin'")
        statuses = [(await client.get("/", auth=auth)).status_code for auth in (WRITER, WRITER, None)]
        replace_file(users_file, users_toml("changed"))
        repaired = (await client.get("/", auth=("rw", "changed"))).status_code

    assert (statuses, repaired) == ([200, 200, 401], 200)
    assert [record.message.partition(":")[0] for record in caplog.records if record.levelname == "ERROR"] == [
        "the users file has changed and is not used"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it has no account: add a table [users.NAME] or [tokens.NAME]"),
        ("x", "it is not TOML"),
        ("[user.x]", "there is no 'user': the tables are [users.NAME] and [tokens.NAME]"),
        ("users = 1", "'users' must be tables: [users.NAME]"),
        ("[users.x]\nrole = 'read'", "[users.x] must have exactly 'role' and 'password'"),
        ("[users.x]\nrole = 'admin'\npassword = ''", "[users.x]: role must be 'read' or 'write'"),
        ("[users.'a:b']\nrole = 'read'\npassword = ''", "[users.a:b]: the name of a user cannot have a colon"),
        ("[users.x]\nrole = 'read'\npassword = 'clear'", "[users.x]: password must be a hash: 'python -m broker hash-password' makes one"),  # pragma: allowlist secret
        ("[tokens.x]\nrole = 'read'\ntoken = 'clear'", "[tokens.x]: token must be a hash: 'python -m broker new-token' makes one"),
    ],
)  # fmt: skip
def test_users_file_with_a_mistake_names_the_entry(text: str, message: str) -> None:
    """The message never contains a secret."""
    with pytest.raises(UsersFileError) as error:
        parse_accounts(text)

    assert str(error.value).startswith(message)
    assert "clear" not in str(error.value)


async def test_failed_logins_are_limited_by_address_and_user(open_broker: OpenBroker) -> None:
    """After 10 failures the right password is refused too; another user and another address are not."""
    async with open_broker() as client:
        wrong = [(await client.get("/", auth=("ro", f"wrong{number}"))).status_code for number in range(12)]
        blocked = await client.get("/", auth=READER)
        other_user = await client.get("/", auth=WRITER)

    assert wrong == [401] * 10 + [429] * 2
    assert (blocked.status_code, blocked.headers["retry-after"]) == (429, "60")
    assert blocked.json() == {"errors": {"": ["too many failed logins: try again in 60 seconds"]}}
    assert other_user.status_code == 200


def test_failed_logins_expire_and_are_bounded() -> None:
    """By user for a minute after the last one, by address, and IPv6 by the network of a customer."""
    now = 0.0
    failed = FailedLogins(clock=lambda: now)
    for _ in range(10):
        failed.add("10.0.0.1", "ci")
    for number in range(100):
        failed.add(f"2001:db8::{number:x}", f"user{number}")
        failed.add(f"::ffff:10.0.1.{number}", "ci")

    blocked = [
        failed.is_blocked(*login)
        for login in (("10.0.0.1", "ci"), ("10.0.0.1", "x"), ("10.0.0.2", "ci"), ("2001:db8::ffff", "x"), ("2001:db8:0:1::1", "x"), ("10.0.1.1", "x"))
    ]  # fmt: skip
    now = 59.9
    still_blocked = failed.is_blocked("10.0.0.1", "ci")
    now = 60.1
    over = failed.is_blocked("10.0.0.1", "ci")

    assert blocked == [True, False, False, True, False, False]
    assert (still_blocked, over) == (True, False)


def test_failed_logins_need_bounded_memory() -> None:
    """The oldest entries are dropped when others have come."""
    failed = FailedLogins()
    for _ in range(100):
        failed.add("10.1.0.1", "ci")
    blocked = [failed.is_blocked("10.1.0.1", user) for user in ("ci", "x")]
    for number in range(10_000):
        failed.add(f"10.0.{number >> 8}.{number & 255}", "ci")

    assert blocked == [True, True]
    assert [failed.is_blocked("10.1.0.1", user) for user in ("ci", "x")] == [False, False]


async def test_login_that_succeeds_forgets_failures(open_broker: OpenBroker) -> None:
    """Mistakes of a person do not add up."""
    async with open_broker() as client:
        statuses = []
        for _ in range(3):
            for _ in range(6):
                await client.get("/", auth=("rw", "wrong"))
            statuses.append((await client.get("/", auth=WRITER)).status_code)

    assert statuses == [200] * 3


async def test_password_is_hashed_once_and_beside_the_event_loop(
    open_broker: OpenBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests at the same time share one verification, during which other requests are answered."""
    started, release = asyncio.Event(), asyncio.Event()
    calls = []
    loop = asyncio.get_running_loop()
    verify = passwords.verify_password

    def slow_verify(password_hash: str | None, password: str) -> bool:
        calls.append(password)
        loop.call_soon_threadsafe(started.set)
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result(timeout=10)
        return verify(password_hash, password)

    monkeypatch.setattr(passwords, "verify_password", slow_verify)
    monkeypatch.setattr(passwords, "CONCURRENT_VERIFICATIONS", 1)
    async with open_broker(public_heartbeat=True) as client:
        logins = [asyncio.create_task(client.get("/", auth=WRITER)) for _ in range(5)]
        await asyncio.wait_for(started.wait(), timeout=10)
        meanwhile = (await client.get(HEARTBEAT)).status_code
        release.set()
        statuses = [(await login).status_code for login in logins]

    assert (meanwhile, statuses, calls) == (200, [200] * 5, ["secret"])


async def test_failed_login_is_logged_without_the_password(
    open_broker: OpenBroker, caplog: pytest.LogCaptureFixture
) -> None:
    """The name is quoted, because it may contain a line break."""
    async with open_broker() as client:
        await client.get("/", auth=("a\nb", "hunter2"))

    assert [record.message for record in caplog.records if record.name == "broker"] == [
        "login of 'a\\nb' from 10.9.8.7 failed"
    ]


async def self_link(client: httpx.AsyncClient, **headers: str) -> str:
    """Return the link to the index that the broker makes for a request with these headers."""
    response = await client.get("/", headers={key.replace("_", "-"): value for key, value in headers.items()})
    href: str = response.json()["_links"]["self"]["href"]
    return href


@asynccontextmanager
async def open_at(
    client: str = "10.9.8.7", url: str = "http://10.0.0.5:9292", **settings: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client with an address of a broker that is reached by a URL."""
    database = Database(":memory:")
    transport = httpx.ASGITransport(create_app(database, Settings(**settings)), client=(client, 1))
    async with httpx.AsyncClient(transport=transport, base_url=url) as opened:
        yield opened
    database.close()


@pytest.mark.parametrize(
    ("host", "link"),
    [
        ("evil.example", "http://10.0.0.5:9292"),
        ("evil.example:9292", "http://10.0.0.5:9292"),
        ("localhost.evil.example", "http://10.0.0.5:9292"),
        ("localhost@evil.example", "http://10.0.0.5:9292"),
        ("localhost:99999", "http://10.0.0.5:9292"),
        ("local host", "http://10.0.0.5:9292"),
        ("[", "http://10.0.0.5:9292"),
        ("", "http://10.0.0.5:9292"),
        ("localhost:8080", "http://localhost:8080"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("10.0.0.5:9292", "http://10.0.0.5:9292"),
        ("broker.example", "http://broker.example"),
        ("Broker.example:9292", "http://broker.example:9292"),
        ("other.example:8443", "http://other.example:8443"),
        ("other.example", "http://10.0.0.5:9292"),
    ],
)
async def test_host_header_is_used_for_links_only_if_allowed(host: str, link: str) -> None:
    """Otherwise links have the address that the client has connected to."""
    async with open_at(allowed_hosts=("broker.example", "other.example:8443")) as client:
        assert await self_link(client, Host=host) == link


@pytest.mark.parametrize(
    ("peer", "link"), [("10.1.0.9", "https://public.example"), ("10.9.8.7", "http://10.0.0.5:9292")]
)
async def test_forwarded_headers_are_used_only_from_a_trusted_proxy(peer: str, link: str) -> None:
    """Anybody can send them."""
    async with open_at(peer, trusted_proxies=(ip_network("10.1.0.0/16"),)) as client:
        assert await self_link(client, X_Forwarded_Proto="https", X_Forwarded_Host="public.example") == link


@pytest.mark.parametrize(
    ("headers", "link"),
    [
        ({}, "https://broker.example/pact"),
        ({"Host": "internal:9292"}, "http://internal:9292"),
        ({"Host": "evil.example"}, "https://broker.example/pact"),
        ({"X_Forwarded_Host": "internal:9292"}, "http://internal:9292"),
        ({"X_Forwarded_Host": "evil.example", "Host": "internal:9292"}, "http://internal:9292"),
    ],
)
async def test_one_of_the_base_urls_is_always_used(headers: dict[str, str], link: str) -> None:
    """That of the request if it is one of them, else the first."""
    settings: dict[str, Any] = {
        "base_urls": ("https://broker.example/pact", "http://internal:9292"),
        "trusted_proxies": (ip_network("10.1.0.0/16"),),
    }
    async with open_at("10.1.0.9", **settings) as client:
        assert await self_link(client, **headers) == link


async def test_links_below_the_path_of_the_base_url_are_complete() -> None:
    """Routes do not have the path: the proxy removes it."""
    async with open_at(base_urls=("https://broker.example/pact",)) as client:
        created = await client.post("/pacticipants", json={"name": "a/b"})
        listed = await client.get("/pacts/provider/a%2Fb/latest")

    assert created.headers["location"] == "https://broker.example/pact/pacticipants/a%2Fb"
    assert (
        listed.json()["_links"]["self"]["href"] == "https://broker.example/pact/pacts/provider/a%2Fb/latest"
    )


async def test_client_address_behind_a_proxy_is_the_one_that_the_proxy_saw(open_broker: OpenBroker) -> None:
    """An address that the client itself has put into the header does not avoid the limit."""
    async with open_broker(client=("10.1.0.9", 1), trusted_proxies=(ip_network("10.1.0.0/16"),)) as client:
        headers = [("X-Forwarded-For", f"1.2.3.{number}") for number in range(11)]
        statuses = [
            (
                await client.get(
                    "/", auth=("ro", "wrong"), headers=[header, ("X-Forwarded-For", "5.6.7.8, 10.1.0.1")]
                )
            ).status_code
            for header in headers
        ]
        elsewhere = await client.get("/", auth=READER, headers={"X-Forwarded-For": "5.6.7.9"})

    assert statuses == [401] * 10 + [429]
    assert elsewhere.status_code == 200


async def test_names_are_neither_sql_nor_html(open_broker: OpenBroker) -> None:
    """They are bound as values and escaped on the page."""
    name = """x'); DROP TABLE pacticipants; --<script>alert(1)</script>"""
    async with open_broker() as client:
        await client.post(
            "/contracts/publish",
            json=publication(name, pact(name, "B", "x"), branch=name, tags=[name]),
            auth=WRITER,
        )
        page = await client.get("/", headers={"Accept": "text/html"}, auth=READER)
        listed = await client.get("/pacticipants", auth=READER)

    assert [item["name"] for item in listed.json()["pacticipants"]] == ["B", name]
    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_users_file_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    """Credentials that were asked for are never left out."""
    database = Database(":memory:")
    with pytest.raises(UsersFileError, match="cannot be read"):
        create_app(database, Settings(users_file=tmp_path / "none.toml"))
    database.close()


def test_database_file_is_private(tmp_path: Path) -> None:
    """Also the files beside it that SQLite creates; a mode that somebody has set stays."""
    previous = os.umask(0)
    try:
        database = Database(tmp_path / "b.sqlite")
        database.execute("PRAGMA user_version")
    finally:
        os.umask(previous)
    modes = {file.name: oct(file.stat().st_mode & 0o777) for file in tmp_path.iterdir()}
    database.close()

    assert modes == dict.fromkeys(("b.sqlite", "b.sqlite-wal", "b.sqlite-shm"), "0o600")
