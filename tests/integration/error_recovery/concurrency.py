"""Requests that fail and requests that succeed, all at once."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from tests.integration.accounts import MakeUser
from tests.integration.api import TIMEOUT_SECONDS, ApiClient
from tests.integration.call_events import call_interaction, call_started
from tests.integration.error_format import error_problems
from tests.integration.ids import IdFactory
from tests.integration.scenarios import add_guest
from tests.integration.vendors import StubClients

HEADER = "X-Correlation-ID"
ROUNDS = 8
EVENT_PATH = "/webhook/call-event"


class TestConcurrentErrors:
    """Each request gets its own right response."""

    async def test_failing_and_good_requests_are_not_mixed_up(
        self, operator: ApiClient, make_user: MakeUser, vendors: StubClients, names: IdFactory
    ) -> None:
        """Seven kinds of requests, eight of each."""
        viewer = make_user("viewer")
        # the retries of half of the rooms fail too, none of the calls does
        vendors.livekit.inject_fault("status", "CreateRoom", status=503, times=ROUNDS // 2)
        limits = httpx.Limits(max_connections=40)
        async with httpx.AsyncClient(base_url=operator.url, timeout=TIMEOUT_SECONDS, limits=limits) as http:
            checks = [
                check
                for _ in range(ROUNDS)
                for check in (
                    _check_known_guest(http, operator, vendors, names),
                    _check_unknown_reservation(http, operator, names),
                    _check_error(http, 404, call_interaction(names.call(), "greeting"), operator.headers),
                    _check_invalid_field(http, operator, names),
                    _check_error(http, 401, call_started(names.call()), {}),
                    _check_error(http, 403, call_started(names.call()), viewer.headers),
                    _check_not_json(http, operator, names),
                )
            ]
            problems = await asyncio.gather(*checks)

        assert len(problems) == 7 * ROUNDS
        assert [problem for problem in problems if problem] == []


async def _post(
    http: httpx.AsyncClient, event: dict[str, Any], headers: dict[str, str]
) -> tuple[httpx.Response, list[str]]:
    """Send an event under its call id as correlation id; return the response and a wrong id."""
    call_id = event["call_id"]
    response = await http.post(EVENT_PATH, json=event, headers={**headers, HEADER: call_id})
    returned = response.headers[HEADER]
    return response, [] if returned == call_id else [f"correlation id {returned} instead of {call_id}"]


async def _check_known_guest(
    http: httpx.AsyncClient, operator: ApiClient, vendors: StubClients, names: IdFactory
) -> list[str]:
    call_id = names.call()
    guest = await asyncio.to_thread(add_guest, vendors, names, guest={"lastName": call_id})
    response, problems = await _post(http, call_started(call_id, reservation_id=guest), operator.headers)
    body = response.json()
    result = (response.status_code, body["call_id"], body["reservation_data"]["guest_name"], body["warnings"])
    return problems + ([] if result == (200, call_id, call_id, []) else [str(result)])


async def _check_unknown_reservation(
    http: httpx.AsyncClient, operator: ApiClient, names: IdFactory
) -> list[str]:
    call_id = names.call()
    event = call_started(call_id, reservation_id=names.reservation())
    response, problems = await _post(http, event, operator.headers)
    result = (response.status_code, response.json()["call_id"], response.json()["guest_found"])
    return problems + ([] if result == (200, call_id, False) else [str(result)])


async def _check_error(
    http: httpx.AsyncClient, expected: int, event: dict[str, Any], headers: dict[str, str]
) -> list[str]:
    response, problems = await _post(http, event, headers)
    return problems + error_problems(response.status_code, expected, response.headers, response.text)


async def _check_invalid_field(http: httpx.AsyncClient, operator: ApiClient, names: IdFactory) -> list[str]:
    field = f"field_{names.call()}"
    event = call_started(names.call()) | {field: 1}
    response, problems = await _post(http, event, operator.headers)
    problems += error_problems(response.status_code, 422, response.headers, response.text)
    fields = [detail["field"].rpartition(".")[2] for detail in response.json()["error"]["details"]]
    return problems + ([] if fields == [field] else [f"fields {fields} instead of {field}"])


async def _check_not_json(http: httpx.AsyncClient, operator: ApiClient, names: IdFactory) -> list[str]:
    headers = {**operator.headers, HEADER: names.call(), "Content-Type": "application/json"}
    response = await http.post(EVENT_PATH, content=b"{", headers=headers)
    return error_problems(response.status_code, 422, response.headers, response.text)
