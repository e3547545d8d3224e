"""Failed logins are limited and logged, and passwords are hashed once and beside the event loop."""

from __future__ import annotations

import asyncio
from ipaddress import ip_network

import pytest

from broker.security import passwords
from broker.security.failed_logins import FailedLogins
from tests.broker.users import HEARTBEAT, READER, WRITER, OpenBroker


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
