"""What is deployed or released where: one version of an instance at a time, and what was there before."""

from __future__ import annotations

from broker.database import Row
from broker.store import deployments
from broker.store.deployments import DEPLOYED, RELEASED
from tests.broker.stored_history import StoredHistory


def current(stored: StoredHistory, kind: str = DEPLOYED, environment: str = "production") -> list[str]:
    """Return the versions in an environment, newest first."""
    rows = deployments.list_current(stored.db, stored.environment(environment), kind)
    return [f"{row['pacticipant_name']} {row['number']}" for row in rows]


def of_version(stored: StoredHistory, number: str, **options: object) -> list[Row]:
    """Return the deployments and releases of a version of Pay."""
    version = stored.version("Pay", number)["id"]
    return deployments.list_for_version(stored.db, version, **options)  # type: ignore[arg-type]  # the options of a test


def test_deployment_ends_that_of_the_previous_version() -> None:
    """Of the same pacticipant, environment and instance only."""
    stored = StoredHistory()
    stored.deploy("Pay", "1")
    stored.deploy("Web", "1")
    stored.deploy("Pay", "1", "test")
    stored.deploy("Pay", "1", instance="blue")
    stored.deploy("Pay", "2")

    assert current(stored) == ["Pay 2", "Pay 1", "Web 1"]
    assert current(stored, environment="test") == ["Pay 1"]
    assert [row["ended"] is None for row in of_version(stored, "1")] == [True, True, False]


def test_deployment_of_the_same_version_is_the_same() -> None:
    """A pipeline that is repeated changes nothing; a version that comes back is deployed anew."""
    stored = StoredHistory()
    first = stored.deploy("Pay", "1")

    assert stored.deploy("Pay", "1") == first
    stored.deploy("Pay", "2")
    assert stored.deploy("Pay", "1") != first
    assert current(stored) == ["Pay 1"]


def test_release_is_one_record_for_ever() -> None:
    """It ends no other one, and is opened again after its end."""
    stored = StoredHistory()
    version, production = stored.version("Pay", "1"), stored.environment("production")
    first, is_new = deployments.release(stored.db, version, production)
    stored.release("Pay", "2")
    deployments.end(stored.db, first)
    assert (is_new, current(stored, RELEASED)) == (True, ["Pay 2"])

    assert deployments.release(stored.db, version, production) == (first, False)

    assert current(stored, RELEASED) == ["Pay 2", "Pay 1"]
    assert current(stored) == []


def test_numbers_in_an_environment() -> None:
    """Deployed or released, each once, the newest first."""
    stored = StoredHistory()
    stored.deploy("Pay", "1")
    stored.release("Pay", "2")
    stored.release("Pay", "1")
    stored.deploy("Web", "9")
    pay = stored.pacticipant("Pay")["id"]

    assert deployments.current_numbers(stored.db, stored.environment("production"), pay) == ["1", "2"]
    assert [row["number"] for row in deployments.list_current_of_pacticipant(stored.db, pay)] == ["1"]


def test_deployments_of_a_version() -> None:
    """They are chosen by kind and environment."""
    stored = StoredHistory()
    deployed, released = stored.deploy("Pay", "1", "test"), stored.release("Pay", "1")
    test = stored.environment("test")

    assert [row["uuid"] for row in of_version(stored, "1")] == [released, deployed]
    assert [row["uuid"] for row in of_version(stored, "1", kind=RELEASED)] == [released]
    assert [row["uuid"] for row in of_version(stored, "1", environment=test)] == [deployed]
    assert of_version(stored, "1", kind=RELEASED, environment=test) == []


def test_deployment_is_found_by_its_kind() -> None:
    """The UUID of a release is none of a deployment."""
    stored = StoredHistory()
    released = stored.release("Pay", "1")

    found = deployments.find(stored.db, released, RELEASED)

    assert found is not None
    assert found["number"] == "1"
    assert deployments.find(stored.db, released, DEPLOYED) is None
