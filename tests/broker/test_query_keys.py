"""A misspelt parameter is refused with the nearest known name, because a filter that is ignored answers too much."""

from __future__ import annotations

import httpx
import pytest

from tests.broker.payloads import pact, publication


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("enviroment=nowhere", "there is no parameter 'enviroment': did you mean 'environment'?"),
        ("enviroment=", "there is no parameter 'enviroment': did you mean 'environment'?"),
        ("lates=true", "there is no parameter 'lates': did you mean 'latest'?"),
        ("q[][verson]=2", "there is no parameter 'q[][verson]': did you mean 'q[][version]'?"),
        ("ignore[][pacticipnt]=B", "there is no parameter 'ignore[][pacticipnt]': did you mean 'ignore[][pacticipant]'?"),
        ("ignore[][pacticipant]=B&ignore[][branch]=x", "there is no parameter 'ignore[][branch]': did you mean 'q[][branch]'?"),
        ("q[pacticipant]=B", "there is no parameter 'q[pacticipant]': did you mean 'q[][pacticipant]'?"),
        ("latest=yes", "latest must be true or false, not 'yes'"),
        ("q[][latest]=treu", "latest must be true or false, not 'treu'"),
        ("mainBranch=1", "mainBranch must be true or false, not '1'"),
        ("q[][pacticipant]=A&q[][version]=2", "pacticipant A is given 2 times: ask about each of its versions in a query of its own"),
    ],
)  # fmt: skip
async def test_matrix_query_with_a_mistake_is_refused(
    broker: httpx.AsyncClient, query: str, error: str
) -> None:
    """The query is otherwise valid, and the mistake would change its meaning."""
    await broker.post("/contracts/publish", json=publication("1", pact("A", "B", "x")))

    response = await broker.get(f"/matrix?q[][pacticipant]=A&q[][version]=1&latestby=cvp&{query}")

    assert error in response.json()["errors"]
    assert response.status_code == 400


async def test_can_i_deploy_names_the_nearest_parameter(broker: httpx.AsyncClient) -> None:
    """Without `environment`, which is misspelt, the query would lack its target."""
    await broker.post("/contracts/publish", json=publication("1", pact("A", "B", "x")))

    response = await broker.get("/can-i-deploy?pacticipant=A&version=1&to=prod&enviroment=nowhere")

    assert (response.status_code, response.json()) == (
        400,
        {"errors": {"enviroment": ["there is no parameter 'enviroment': did you mean 'environment'?"]}},
    )


@pytest.mark.parametrize(
    ("url_path", "key", "nearest"),
    [
        ("/pacticipants", "sise", "size"),
        ("/pacticipants/A/versions", "pgae", "page"),
        ("/environments", "nmae", "name"),
        ("/environments/{uuid}/deployed-versions/currently-deployed", "pacticpant", "pacticipant"),
        ("/environments/{uuid}/released-versions/currently-supported", "verson", "version"),
    ],
)
async def test_list_with_a_misspelt_filter_is_refused(
    broker: httpx.AsyncClient, url_path: str, key: str, nearest: str
) -> None:
    """record-undeployment would otherwise end the deployments of all pacticipants."""
    await broker.post("/pacticipants", json={"name": "A"})
    uuid = (await broker.get("/environments")).json()["_embedded"]["environments"][0]["uuid"]

    response = await broker.get(f"{url_path.format(uuid=uuid)}?{key}=x")

    assert (response.status_code, response.json()) == (
        400,
        {"errors": {key: [f"there is no parameter '{key}': did you mean '{nearest}'?"]}},
    )


async def test_parameter_like_no_other_is_answered_with_all_of_them(broker: httpx.AsyncClient) -> None:
    """Nothing is near."""
    response = await broker.get("/environments?zzz=1")

    assert response.json() == {"errors": {"zzz": ["there is no parameter 'zzz': known parameters are name"]}}


async def test_question_mark_alone_is_no_parameter(broker: httpx.AsyncClient) -> None:
    """The Ruby client ends every URL with one."""
    assert (await broker.get("/environments?")).status_code == 200


@pytest.mark.parametrize("key", ["environment", "tag", "q[][version]", "q[][branch]", "ignore[][version]"])
async def test_empty_value_in_a_matrix_query_is_refused(broker: httpx.AsyncClient, key: str) -> None:
    """A shell variable that is not set would ask about another, smaller question; the official rules allow it."""
    await broker.post("/contracts/publish", json=publication("1", pact("A", "B", "x")))
    query = f"/matrix?q[][pacticipant]=A&ignore[][pacticipant]=C&latestby=cvp&{key}="

    strict = await broker.get(query)
    official = await broker.get(f"{query}&rules=official")

    assert (strict.status_code, strict.json()) == (
        400,
        {"errors": [f"{key} is empty: give a value, or leave it out"]},
    )
    assert official.status_code == 200
