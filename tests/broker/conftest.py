"""Brokers to test: one in this process for what it answers, real processes for what they survive."""

from __future__ import annotations

import select
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest

from broker.app import create_app
from broker.database import Database

START_DEADLINE = 20.0

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
async def broker() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an empty broker in this process, as the official ones are: it asks for HAL."""
    database = Database(":memory:")
    transport = httpx.ASGITransport(create_app(database))
    headers = {"Accept": "application/hal+json, application/json"}
    async with httpx.AsyncClient(transport=transport, base_url="http://broker", headers=headers) as client:
        yield client
    database.close()


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts `python -m broker` on a database; all are killed at the end."""
    started: list[subprocess.Popen[str]] = []

    def starting(database: Path, port: int = 0) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "broker", "--port", str(port), "--database", str(database)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield starting
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def listening() -> Callable[[subprocess.Popen[str]], str]:
    """Waits until a broker says where it listens."""
    return _address


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], START_DEADLINE)
    assert ready, "the broker did not say that it listens"
    line = process.stdout.readline()
    return line.split()[-1]
