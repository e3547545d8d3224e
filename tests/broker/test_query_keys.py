"""A misspelled parameter is refused with the nearest known name, because a filter that is ignored answers too much."""

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
    """Without `environment`, which is misspelled, the query would lack its target."""
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
        ("/dashboard", "sise", "size"),
        ("/integrations", "pgae", "page"),
        ("/pacts/latest", "sise", "size"),
        ("/matrix/provider/A/consumer/A", "rule", "rules"),
        ("/pacticipants/A/latest-version/x/can-i-deploy/to/y", "ruls", "rules"),
        ("/pacticipants/A/branches/x/latest-version/can-i-deploy/to-environment/test", "ruls", "rules"),
    ],
)
async def test_list_with_a_misspelled_filter_is_refused(
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


async def test_misspelled_rules_of_pacts_for_verification_are_refused(broker: httpx.AsyncClient) -> None:
    """The query that is sent by POST; a misspelled key in its body is one of a selector."""
    await broker.post("/pacticipants", json={"name": "A"})
    path = "/pacts/provider/A/for-verification"

    of_query = await broker.post(f"{path}?ruls=official", json={})
    of_body = await broker.post(path, json={"consumerVersionSelectors": [{"mainBrnch": True}]})

    assert (of_query.status_code, of_query.json()["errors"]) == (
        400,
        {"ruls": ["there is no parameter 'ruls': did you mean 'rules'?"]},
    )
    assert (of_body.status_code, of_body.json()["errors"]) == (
        400,
        {
            "consumerVersionSelectors": [
                "there is no key 'mainBrnch': did you mean 'mainBranch'? (at index 0)"
            ]
        },
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


@pytest.mark.parametrize("query", ["exclud[]=keep", "exclude[]=keep&x=1"])
async def test_deletion_of_branches_with_a_misspelled_exception_deletes_nothing(
    broker: httpx.AsyncClient, query: str
) -> None:
    """The branches that were to be kept would otherwise be deleted."""
    await broker.put("/pacticipants/A/branches/keep/versions/1")

    response = await broker.delete(f"/pacticipants/A/branches?{query}")

    assert response.status_code == 400
    assert (await broker.get("/pacticipants/A/branches/keep")).status_code == 200


async def test_deletion_of_branches_takes_several_exceptions(broker: httpx.AsyncClient) -> None:
    """A list is repeated."""
    for branch in ("a", "b", "c"):
        await broker.put(f"/pacticipants/A/branches/{branch}/versions/1")

    response = await broker.delete("/pacticipants/A/branches?exclude[]=a&exclude[]=b")

    statuses = [(await broker.get(f"/pacticipants/A/branches/{branch}")).status_code for branch in "abc"]
    assert (response.status_code, statuses) == (202, [200, 200, 404])


@pytest.mark.parametrize("query", ["environment=production&environment=test", "to=a&to=b"])
async def test_can_i_deploy_to_two_places_is_refused(broker: httpx.AsyncClient, query: str) -> None:
    """The answer would be about one of them."""
    await broker.post("/contracts/publish", json=publication("1", pact("A", "B", "x")))
    key = query.partition("=")[0]

    response = await broker.get(f"/can-i-deploy?pacticipant=A&version=1&{query}")

    assert (response.status_code, response.json()) == (
        400,
        {"errors": {key: ["is given 2 times: give it once"]}},
    )


async def test_matrix_for_two_environments_is_refused(broker: httpx.AsyncClient) -> None:
    """Likewise."""
    await broker.post("/contracts/publish", json=publication("1", pact("A", "B", "x")))

    response = await broker.get(
        "/matrix?q[][pacticipant]=A&q[][version]=1&environment=test&environment=production"
    )

    assert (response.status_code, response.json()) == (
        400,
        {"errors": ["environment is given 2 times: give it once"]},
    )


@pytest.mark.parametrize(
    "url_path",
    [
        "/matrix?q[][pacticipant]=A&q[][version]=%FF",
        "/can-i-deploy?pacticipant=A&version=%FF&environment=test",
    ],
)
async def test_query_that_is_not_utf_8_is_refused(broker: httpx.AsyncClient, url_path: str) -> None:
    """The bytes would otherwise become another version number."""
    await broker.post("/contracts/publish", json=publication("1", pact("A", "B", "x")))

    response = await broker.get(url_path)

    assert (response.status_code, response.json()) == (
        400,
        {"errors": {"": ["the query is not valid Unicode"]}},
    )


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        (
            "consumer_version_selectors[][tga]=dev",
            {"consumer_version_selectors[][tga]": ["there is no parameter 'consumer_version_selectors[][tga]': did you mean 'consumer_version_selectors[][tag]'?"]},
        ),
        ("include_pending=true", {"include_pending": ["there is no parameter 'include_pending': did you mean 'include_pending_status'?"]}),
        (
            "provider_version_branch=a&provider_version_branch=b",
            {"provider_version_branch": ["is given 2 times: give it once"]},
        ),
    ],
)  # fmt: skip
async def test_mistake_in_the_former_query_is_rejected(
    broker: httpx.AsyncClient, query: str, errors: dict[str, list[str]]
) -> None:
    """A misspelled selector must not select everything."""
    await broker.post("/contracts/publish", json=publication("1", pact("Foo", "Bar", "x")))

    response = await broker.get(f"/pacts/provider/Bar/for-verification?{query}")

    assert (response.status_code, response.json()) == (400, {"errors": errors})
