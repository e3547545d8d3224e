"""Who may do what: users and tokens, what is public, and names that are neither code nor markup."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from broker.database import Database
from tests.broker.payloads import pact, publication
from tests.broker.users import FOR_VERIFICATION, HEARTBEAT, READER, WRITER, OpenBroker, bearer

BADGE = "/pacticipants/x/main-branch/can-i-merge/badge.svg"
CHALLENGE = 'Basic realm="Restricted area"'
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
