"""Badges as the tests read them."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import httpx

GREEN, RED, ORANGE, GREY = "#2e7d32", "#c62828", "#b45309", "#5f6368"
SVG = "{http://www.w3.org/2000/svg}"


async def read_badge(broker: httpx.AsyncClient, href: str) -> tuple[str, str, str]:
    """Return label, status and colour of a badge."""
    response = await broker.get(href, headers={"Accept": "image/svg+xml"})
    assert (response.status_code, response.headers["content-type"]) == (200, "image/svg+xml;charset=utf-8")
    root = ET.fromstring(response.text)  # noqa: S314 the broker's own document
    label, status = (text.text or "" for text in root.iter(f"{SVG}text"))
    color = [rect.get("fill") or "" for rect in root.iter(f"{SVG}rect")][-1]
    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.text == root.get("aria-label") == f"{label}: {status}"
    return label, status, color
