"""Badges as SVG: the status of pacts and decisions, labels, and text that is escaped."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.broker.badges import GREEN, GREY, ORANGE, RED, read_badge
from tests.broker.payloads import pact, path, publication

LATEST = "/pacts/provider/Hotel/consumer/Web/latest/badge"


async def publish(broker: httpx.AsyncClient, version: str, content: str = "x", **fields: Any) -> None:
    """Publish a pact between Web and Hotel."""
    body = publication(version, pact("Web", "Hotel", content), **fields)
    assert (await broker.post("/contracts/publish", json=body)).status_code == 200


async def publish_result(
    broker: httpx.AsyncClient, version: str, *, success: bool, provider_version: str = "7"
) -> None:
    """Publish a result of a version of Hotel for a version's pact."""
    href = path("pacts", "provider", "Hotel", "consumer", "Web", "version", version)
    document = (await broker.get(href)).json()
    body = {"success": success, "providerApplicationVersion": provider_version}
    await broker.post(document["_links"]["pb:publish-verification-results"]["href"], json=body)


@pytest.mark.parametrize(
    ("results", "status"),
    [
        ([], ("unknown", GREY)),
        ([("1", True)], ("verified", GREEN)),
        ([("1", False)], ("failed", RED)),
        ([("1", False), ("1", True)], ("verified", GREEN)),
        ([("1", True), ("1", False)], ("failed", RED)),
    ],
)
async def test_pact_badge_has_the_newest_result(
    broker: httpx.AsyncClient, results: list[tuple[str, bool]], status: tuple[str, str]
) -> None:
    """The label is the pair's, in lower case."""
    await publish(broker, "1")
    for version, success in results:
        await publish_result(broker, version, success=success)

    assert await read_badge(broker, LATEST) == ("web/hotel pact", *status)


@pytest.mark.parametrize(("success", "status"), [(True, ("changed", ORANGE)), (False, ("failed", RED))])
async def test_pact_without_result_has_that_of_the_pact_before(
    broker: httpx.AsyncClient, *, success: bool, status: tuple[str, str]
) -> None:
    """A success of other content is no success, and a failure is still one."""
    await publish(broker, "1", "x")
    await publish_result(broker, "1", success=success)
    await publish(broker, "2", "y")

    assert await read_badge(broker, LATEST) == ("web/hotel pact", *status)


async def publish_wip_failure(broker: httpx.AsyncClient, version: str) -> None:
    """Publish a failure for a version's pact, verified as work in progress: none but main is selected explicitly."""
    body = {
        "consumerVersionSelectors": [{"mainBranch": True}],
        "providerVersionBranch": "b",
        "includeWipPactsSince": "2020-01-01",
    }
    response = await broker.post("/pacts/provider/Hotel/for-verification", json=body)
    links = [
        item["_links"]["self"]
        for item in response.json()["_embedded"]["pacts"]
        if "wip" in item["verificationProperties"]
    ]
    [href] = [link["href"] for link in links if f"({version})" in link["name"]]
    document = (await broker.get(href)).json()
    result = {"success": False, "providerApplicationVersion": "7"}
    await broker.post(document["_links"]["pb:publish-verification-results"]["href"], json=result)


async def test_failure_of_a_wip_pact_is_pending(broker: httpx.AsyncClient) -> None:
    """A pact that was verified as work in progress does not fail its provider."""
    await publish(broker, "1", branch="main")
    await publish(broker, "2", "y", branch="feat")
    await publish_wip_failure(broker, "2")

    assert await read_badge(broker, LATEST) == ("web/hotel pact", "failed (pending)", RED)
    items = (await broker.get("/dashboard")).json()["items"]
    assert {item["consumer"]["version"]["number"]: item["verificationStatus"] for item in items} == {
        "1": "stale",
        "2": "failed_pending",
    }


async def test_badge_without_pact_says_so(broker: httpx.AsyncClient) -> None:
    """A page would show no image for a 404."""
    assert await read_badge(broker, LATEST) == ("pact not found", "unknown", GREY)


@pytest.mark.parametrize(
    ("href", "badge"),
    [
        ("latest/badge", ("web/hotel pact", "failed (pending)")),
        ("latest/dev/badge", ("web/hotel pact", "verified")),
        ("latest/nope/badge", ("pact not found", "unknown")),
        ("latest-untagged/badge", ("web/hotel pact", "failed")),
        ("branch/main/latest/badge", ("web/hotel pact", "verified")),
        ("branch/feat%2Fx/latest/badge", ("web/hotel pact", "failed")),
    ],
)
async def test_badge_is_of_the_pact_that_the_path_selects(
    broker: httpx.AsyncClient, href: str, badge: tuple[str, str]
) -> None:
    """The latest pact, the latest with a tag, without tags, or on a branch; with and without suffix."""
    await publish(broker, "1", "a", branch="main", tags=["dev"])
    await publish_result(broker, "1", success=True)
    await publish(broker, "2", "b", branch="feat/x")
    await publish_result(broker, "2", success=False)
    await publish(broker, "3", "c", tags=["other"])
    await publish_wip_failure(broker, "3")

    for suffix in ("", ".svg"):
        label, status, _ = await read_badge(broker, f"/pacts/provider/Hotel/consumer/Web/{href}{suffix}")
        assert (label, status) == badge


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ("", "web shop/hotel-apiservice pact"),
        ("?label=consumer", "web shop pact"),
        ("?label=provider", "hotel-apiservice pact"),
        ("?label=other", "web shop/hotel-apiservice pact"),
        ("?initials=true", "ws/has pact"),
        ("?initials=true&label=provider", "has pact"),
        ("?initials=false", "web shop/hotel-apiservice pact"),
    ],
)
async def test_label_can_be_shortened(broker: httpx.AsyncClient, query: str, label: str) -> None:
    """To one of the two names, and to the first letters of names of several words."""
    body = publication("1", pact("Web Shop", "hotel-apiService", "x"))
    await broker.post("/contracts/publish", json=body)
    href = path("pacts", "provider", "hotel-apiService", "consumer", "Web Shop", "latest", "badge.svg")

    assert (await read_badge(broker, href + query))[0] == label


async def test_initials_of_one_word_are_the_word(broker: httpx.AsyncClient) -> None:
    """As at the official broker."""
    await publish(broker, "1")

    assert (await read_badge(broker, f"{LATEST}?initials=true"))[0] == "web/hotel pact"


async def test_text_of_a_badge_is_escaped(broker: httpx.AsyncClient) -> None:
    """A name with markup is text; a very long one is shortened."""
    name = "<script>alert(1)</script>&\"'"
    await broker.post("/contracts/publish", json=publication("1", pact(name, "H" * 200, "x")))
    href = path("pacts", "provider", "H" * 200, "consumer", name, "latest", "badge.svg")

    response = await broker.get(href)
    label, _, _ = await read_badge(broker, href)

    assert "<script" not in response.text
    assert label == f"{name}/{'h' * 200}"[:99] + "…"


@pytest.mark.parametrize(
    ("provider_version", "success", "status"),
    [("7", True, ("verified", GREEN)), ("7", False, ("failed", RED)), ("6", True, ("unknown", GREY))],
)
async def test_matrix_badge_is_of_two_tagged_versions(
    broker: httpx.AsyncClient, *, provider_version: str, success: bool, status: tuple[str, str]
) -> None:
    """Only a result of the newest provider version with the tag counts."""
    await publish(broker, "1", tags=["dev"])
    await publish_result(broker, "1", success=success, provider_version=provider_version)
    await broker.put("/pacticipants/Hotel/versions/7/tags/prod")

    href = "/matrix/provider/Hotel/latest/prod/consumer/Web/latest/dev/badge.svg"

    assert await read_badge(broker, href) == ("web/hotel pact", *status)
    assert await read_badge(broker, href.replace("/dev/", "/nope/")) == ("pact not found", "unknown", GREY)


TAG_TO_TAG = "/pacticipants/Web/latest-version/dev/can-i-deploy/to/prod/badge.svg"
TO_TEST = "/pacticipants/Web/branches/main/latest-version/can-i-deploy/to-environment/test/badge"


async def deploy(broker: httpx.AsyncClient, pacticipant: str, version: str) -> None:
    """Record a deployment to the environment test."""
    environments = (await broker.get("/environments?name=test")).json()["_embedded"]["environments"]
    [uuid] = [item["uuid"] for item in environments if item["name"] == "test"]
    href = f"/pacticipants/{pacticipant}/versions/{version}/deployed-versions/environment/{uuid}"
    assert (await broker.post(href, json={})).status_code == 201


@pytest.mark.parametrize(("success", "color"), [(True, GREEN), (False, RED), (None, RED)])
async def test_can_i_deploy_badges_have_the_decision(
    broker: httpx.AsyncClient, *, success: bool | None, color: str
) -> None:
    """Green only if the decision is yes."""
    await publish(broker, "1", tags=["dev"], branch="main")
    await broker.put("/pacticipants/Hotel/versions/7/tags/prod")
    await deploy(broker, "Hotel", "7")
    if success is not None:
        await publish_result(broker, "1", success=success)

    assert await read_badge(broker, TAG_TO_TAG) == ("can-i-deploy", "dev to prod", color)
    assert await read_badge(broker, TO_TEST) == ("can-i-deploy", "main to test", color)
    assert await read_badge(broker, f"{TO_TEST}.svg?label=ship%20it") == ("ship it", "main to test", color)


@pytest.mark.parametrize(
    ("href", "missing"),
    [
        (TAG_TO_TAG.replace("/Web/", "/Nobody/"), "pacticipant"),
        (TAG_TO_TAG.replace("/dev/", "/nope/"), "version"),
        (TO_TEST.replace("/Web/", "/Nobody/"), "pacticipant"),
        (TO_TEST.replace("/main/", "/nope/"), "version"),
        (TO_TEST.replace("/test/", "/nope/"), "environment"),
        ("/pacticipants/Nobody/main-branch/can-i-merge/badge.svg", "pacticipant"),
    ],
)
async def test_missing_part_of_a_decision_is_named(
    broker: httpx.AsyncClient, href: str, missing: str
) -> None:
    """The badge says what was not found."""
    await publish(broker, "1", tags=["dev"], branch="main")

    assert await read_badge(broker, href) == (missing, "not found", GREY)


@pytest.mark.parametrize(
    ("success", "status"), [(True, ("success", GREEN)), (False, ("failed", RED)), (None, ("unknown", GREY))]
)
async def test_can_i_merge_badge_compares_main_branches(
    broker: httpx.AsyncClient, *, success: bool | None, status: tuple[str, str]
) -> None:
    """The heads of both main branches are verified with each other, or are not."""
    await publish(broker, "1", branch="main")
    await broker.put("/pacticipants/Hotel/branches/main/versions/7")
    if success is not None:
        await publish_result(broker, "1", success=success)

    href = "/pacticipants/Web/main-branch/can-i-merge/badge"

    assert await read_badge(broker, href) == ("can-i-merge", *status)


async def test_label_without_printable_characters_is_still_a_document(broker: httpx.AsyncClient) -> None:
    """XML does not allow control characters, so they are left out."""
    await publish(broker, "1", branch="main")

    assert (await read_badge(broker, f"{TO_TEST}?label=a%00%1Bb"))[0] == "ab"
