"""Badges and the first page decide by the rules that can-i-deploy uses."""

from __future__ import annotations

import pytest

from broker.settings import Settings
from tests.broker.badges import GREEN, GREY, RED, read_badge
from tests.broker.conftest import broker_client
from tests.broker.foo_and_bar import publish
from tests.broker.pages import Links, read_page

BADGES = {
    "/pacticipants/Foo/branches/main/latest-version/can-i-deploy/to-environment/test/badge": ("main to test", RED, GREEN),
    "/pacticipants/Foo/latest-version/dev/can-i-deploy/to/prod/badge": ("dev to prod", RED, GREEN),
    "/pacticipants/Foo/main-branch/can-i-merge/badge": ("unknown", GREY, GREEN),
}  # fmt: skip
"""Paths with the status and colour by the strict rules, and the colour by the official ones."""


@pytest.mark.parametrize("setting", ["strict", "official"])
async def test_badges_and_first_page_decide_by_the_rules_of_can_i_deploy(setting: str) -> None:
    """Those of the request, else those of the setting; a badge shows no error for another value."""
    async with broker_client(Settings(rules=setting)) as client:
        await publish(client, "1", "x")
        await client.put("/pacticipants/Foo/branches/main/versions/2")
        await client.put("/pacticipants/Foo/versions/2/tags/dev")
        for query, rules in (("", setting), ("?rules=strict", "strict"), ("?rules=official", "official")):
            page = await read_page(client, f"/{query or '?'}&q=Foo")
            shown = ("✓ deployable", "? unknown")
            assert [page.count(text) for text in shown] == ([2, 0] if rules == "official" else [0, 2])
            links = [href for text, href in Links(page).found if text in shown]
            decisions = [(await client.get(href)).json()["summary"]["deployable"] for href in links]
            assert decisions == ([True] * 2 if rules == "official" else [None] * 2)
            for path, (status, strict, official) in BADGES.items():
                _, text, color = await read_badge(client, path + query)
                assert color == (official if rules == "official" else strict), path
                assert text in {status, "success"}

        assert (await read_page(client, "/?rules=lenient", 400)).count("rules: must be one of") == 1
        by_setting = [await read_badge(client, path) for path in BADGES]
        assert [await read_badge(client, f"{path}?rules=lenient") for path in BADGES] == by_setting
