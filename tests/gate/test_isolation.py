"""Branches on one broker do not change each other's verdict."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from consumer_tests.pact_files import render_pact
from gate.can_i_deploy import can_i_deploy
from gate.deployments import deployed_versions
from gate.pact_files import load_pact_files
from gate.publishing import publish_pacts
from gate.version import ConsumerVersion
from pact_broker_client.client import BrokerClient
from provider_verification.stubs.engine.server import run_stubs
from provider_verification.verify import BrokerOptions, verify_from_broker
from tests.conftest import CONSUMER, REPOSITORY
from tests.gate.checkout import Checkout, git

pytestmark = pytest.mark.timeout(300)  # whole runs of the gate, on a machine that may be busy

ROUNDS = 20
STANDBY = r'contract\.add_interaction\(\n    "the health of a standby",.*?\n\)\n'


def deployed(checkout: Checkout) -> dict[str, str]:
    """Return what the checkout's broker has as deployed to production."""
    with BrokerClient(str(checkout.broker)) as client:
        return deployed_versions(client, "production")


def test_branch_with_other_pacts_and_vendors_leaves_main_alone(verified_checkout: Checkout) -> None:
    """Both get yes, the removed interaction is reported, and the vendor version of main stays recorded as deployed."""
    deployed_by_main = deployed(verified_checkout)
    git(verified_checkout.folder, "checkout", "--quiet", "-b", "feature")
    verified_checkout.edit("schemas/vault/openapi.json", '"openapi"', '"x-reviewed": true, "openapi"')
    verified_checkout.edit_all("consumer_tests/vault", STANDBY, "")
    remove_from_pact(verified_checkout, "the health of a standby")
    verified_checkout.commit("schemas and expectations")

    feature = verified_checkout.gate("run")
    git(verified_checkout.folder, "checkout", "--quiet", "--force", "main")
    decision = verified_checkout.gate("can-i-deploy")
    published_again = verified_checkout.gate("publish")

    assert (feature.code, decision.code, published_again.code) == (0, 0, 0), feature.text
    assert "-dirty." not in feature.text
    assert "removed, compared with main: vault: 'the health of a standby'" in feature.text
    assert "removed" not in published_again.text
    assert list(deployed_by_main) == ["vault"]
    assert deployed(verified_checkout) == deployed_by_main


def test_uncommitted_changes_on_main_record_no_deployment(vault_checkout: Checkout) -> None:
    """Whatever lies about on a developer's machine is not the main branch, and changes no more than the version.

    That is umlauts in a file name, a repository in the checkout, and a linked .venv; the terminal knows ASCII only.
    """
    folder = vault_checkout.folder
    (folder / "Grüße.txt").write_text("Grüße")
    (folder / "nested").mkdir()
    git(folder / "nested", "init")
    (folder / ".venv").symlink_to(sys.prefix)

    run = vault_checkout.gate("run", PYTHONIOENCODING="ascii", LANG="C", LC_ALL="C")

    assert run.code == 0, run.text
    assert "-dirty." in run.text
    assert run.text.isascii()
    assert deployed(vault_checkout) == {}


def test_setting_names_the_main_branch(vault_checkout: Checkout) -> None:
    """With GATE_MAIN_BRANCH another branch's runs record."""
    git(vault_checkout.folder, "checkout", "--quiet", "-b", "trunk")

    run = vault_checkout.gate("run", GATE_MAIN_BRANCH="trunk")

    assert run.code == 0, run.text
    assert list(deployed(vault_checkout)) == ["vault"]


def remove_from_pact(checkout: Checkout, description: str) -> None:
    """Remove an interaction from the pact file of vault, as recording does after its expectation was removed."""
    path = checkout.folder / f"pacts/{CONSUMER}-vault.json"
    interactions = json.loads(path.read_text())["interactions"]
    remaining = [interaction for interaction in interactions if interaction["description"] != description]
    path.write_text(render_pact("vault", remaining))


@pytest.fixture
def vault_stubs() -> Iterator[tuple[str, str]]:
    """The URLs of two stubs of the same vendor."""
    with run_stubs(["vault"]) as first, run_stubs(["vault"]) as second:
        yield first["vault"], second["vault"]


def test_two_gates_at_once_get_their_own_verdicts(
    external_broker: str, vault_stubs: tuple[str, str], tmp_path: Path
) -> None:
    """Two branches with different pacts and vendor versions, twenty times: one is always yes, the other always no."""
    intact_pact = write_pact(tmp_path / "intact", status=200)
    broken_pact = write_pact(tmp_path / "broken", status=201)
    with ThreadPoolExecutor(2) as pool:
        for number in range(ROUNDS):
            good = pool.submit(gate, external_broker, vault_stubs[0], intact_pact, f"main-{number}", "v-main")
            bad = pool.submit(
                gate, external_broker, vault_stubs[1], broken_pact, f"feature-{number}", "v-feature"
            )

            assert (good.result(), bad.result()) == (True, False), f"round {number}"


def write_pact(folder: Path, *, status: int) -> Path:
    """Write a pact of one interaction, whose response has this status; the stub responds 200."""
    pact: dict[str, Any] = json.loads((REPOSITORY / f"pacts/{CONSUMER}-vault.json").read_text())
    pact["interactions"] = [
        interaction
        for interaction in pact["interactions"]
        if interaction["description"] == "the health of an active Vault"
    ]
    pact["interactions"][0]["response"]["status"] = status
    folder.mkdir()
    (folder / "pact.json").write_text(json.dumps(pact))
    return folder


def gate(broker: str, stub: str, pacts: Path, number: str, vendor_version: str) -> bool:
    """Publish, verify and ask, as a run of the gate on a branch does; return whether it may be deployed."""
    version = ConsumerVersion(number, number.partition("-")[0])
    publish_pacts(load_pact_files(pacts), broker, version)
    with BrokerClient(broker) as client:
        url = client.pact_url((CONSUMER, number), "vault")
        pact = client.get(url)
    assert pact is not None
    options = BrokerOptions(pact_url=url, version=vendor_version, branch=version.branch)
    verify_from_broker("vault", stub, options, pact)
    return can_i_deploy(broker, version, "production", {"vault": vendor_version}, {}, {}).deployable
