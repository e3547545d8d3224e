"""Checkouts and their brokers."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.broker.server import serve_broker
from tests.conftest import CreateCheckout
from tests.gate.checkout import Checkout


@pytest.fixture
def external_broker(tmp_path: Path) -> Iterator[str]:
    """The URL of a broker that the gate does not start itself."""
    with serve_broker(tmp_path / "external.sqlite") as url:
        yield url


@pytest.fixture
def vault_checkout(create_checkout: CreateCheckout, external_broker: str) -> Checkout:
    """The project with the expectations of one vendor, as one commit on main, and a broker."""
    return create_checkout("vault", broker=external_broker)


@pytest.fixture(scope="session")
def unchanged_folder(
    checkout_template: Callable[[tuple[str, ...]], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of `unchanged_checkout`: what a gate writes into build/ must not be in other checkouts."""
    return Path(
        shutil.copytree(checkout_template(("vault",)), tmp_path_factory.mktemp("unchanged") / "checkout")
    )


@pytest.fixture
def unchanged_checkout(unchanged_folder: Path, external_broker: str) -> Checkout:
    """A checkout like `vault_checkout` for tests that change only what git ignores: they share it, with a new broker."""
    return Checkout(unchanged_folder, external_broker)


@pytest.fixture
def small_checkout(create_checkout: CreateCheckout, external_broker: str) -> Checkout:
    """The project with the expectations of two vendors, as one commit on main, and a broker."""
    return create_checkout("tts", "vault", broker=external_broker)


@pytest.fixture(scope="session")
def verified_template(
    checkout_template: Callable[[tuple[str, ...]], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder with a checkout whose gate said yes, and with the database of its broker."""
    folder = tmp_path_factory.mktemp("verified")
    shutil.copytree(checkout_template(("vault",)), folder / "checkout")
    with serve_broker(folder / "external.sqlite") as url:
        run = Checkout(folder / "checkout", url).gate("run")
    assert run.code == 0, run.text
    return folder


@pytest.fixture
def verified_checkout(verified_template: Path, tmp_path: Path) -> Iterator[Checkout]:
    """The project with the expectations of one vendor, after `gate run` on main said yes, and its broker."""
    folder = tmp_path / "verified"
    shutil.copytree(verified_template, folder)
    with serve_broker(folder / "external.sqlite") as url:
        yield Checkout(folder / "checkout", url)
