"""Pages of lists."""

from __future__ import annotations

import httpx
import pytest

from tests.broker.webhook_receiver import webhook


async def test_pages_are_linked(broker: httpx.AsyncClient) -> None:
    """Each page says how many there are and links to its neighbours, whichever names of the parameters are used."""
    for name in ("a", "b", "c"):
        await broker.post("/pacticipants", json={"name": name})

    first = (await broker.get("/pacticipants?page=1&size=2&q=")).json()
    second = (await broker.get("/pacticipants?pageNumber=2&pageSize=2")).json()

    assert first["page"] == {"number": 1, "size": 2, "totalElements": 3, "totalPages": 2}
    assert first["_links"]["next"]["href"] == "http://broker/pacticipants?q=&size=2&page=2"
    assert "previous" not in first["_links"]
    assert [item["name"] for item in second["pacticipants"]] == ["c"]
    assert second["_links"]["previous"]["href"] == "http://broker/pacticipants?size=2&page=1"
    assert "next" not in second["_links"]
    assert "page" not in (await broker.get("/pacticipants")).json()


async def test_deployments_and_releases_have_pages(broker: httpx.AsyncClient) -> None:
    """What is in an environment grows with releases, and the history of a version with deployments."""
    environment = (await broker.get("/environments?name=test")).json()["_embedded"]["environments"][0]["uuid"]
    for version in ("1", "2", "3"):
        path = f"/pacticipants/A/versions/{version}"
        await broker.put(path, json={})
        await broker.post(f"{path}/released-versions/environment/{environment}", json={})
    for instance in ("x", "y", "z"):
        body = {"applicationInstance": instance}
        await broker.post(f"{path}/deployed-versions/environment/{environment}", json=body)

    lists = {
        f"/environments/{environment}/released-versions/currently-supported": "releasedVersions",
        f"/environments/{environment}/deployed-versions/currently-deployed": "deployedVersions",
        f"/pacticipants/A/versions/3/deployed-versions/environment/{environment}": "deployedVersions",
    }
    for url_path, key in lists.items():
        complete = (await broker.get(url_path)).json()
        second = (await broker.get(f"{url_path}?page=2&size=1")).json()
        assert "page" not in complete, url_path
        assert second["page"] == {"number": 2, "size": 1, "totalElements": 3, "totalPages": 3}
        assert second["_embedded"][key] == complete["_embedded"][key][1:2]
        assert second["_links"]["next"]["href"] == f"http://broker{url_path}?size=1&page=3"
        assert second["_links"]["previous"]["href"] == f"http://broker{url_path}?size=1&page=1"


async def test_webhooks_have_pages(broker: httpx.AsyncClient) -> None:
    """As every list that takes the parameters."""
    for host in ("a", "b", "c"):
        body = webhook(f"https://{host}.example.org/", "contract_published", description=host)
        await broker.post("/webhooks", json=body)

    second = (await broker.get("/webhooks?page=2&size=2")).json()

    assert second["page"] == {"number": 2, "size": 2, "totalElements": 3, "totalPages": 2}
    assert [item["name"] for item in second["_links"]["pb:webhooks"]] == ["c"]
    assert second["_links"]["previous"]["href"] == "http://broker/webhooks?size=2&page=1"
    assert len((await broker.get("/webhooks")).json()["_links"]["pb:webhooks"]) == 3


@pytest.mark.parametrize(
    "query", ["page=0", "size=x", "page=-1", f"size={'9' * 5000}", "pageNumber=1.5&pageSize=1"]
)
async def test_invalid_page_is_rejected(broker: httpx.AsyncClient, query: str) -> None:
    """Numbers and sizes are integers of at least 1."""
    response = await broker.get(f"/pacticipants?{query}")

    assert (response.status_code, set(response.json()["errors"])) == (400, {query[:4]})
