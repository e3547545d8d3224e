"""Pages of lists."""

from __future__ import annotations

import httpx
import pytest


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


@pytest.mark.parametrize(
    "query", ["page=0", "size=x", "page=-1", f"size={'9' * 5000}", "pageNumber=1.5&pageSize=1"]
)
async def test_invalid_page_is_rejected(broker: httpx.AsyncClient, query: str) -> None:
    """Numbers and sizes are integers of at least 1."""
    response = await broker.get(f"/pacticipants?{query}")

    assert (response.status_code, set(response.json()["errors"])) == (400, {query[:4]})
