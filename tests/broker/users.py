"""Users and tokens of a broker under test."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import httpx
from argon2 import PasswordHasher

from broker.security.users_file import hash_token

HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Cheap, because the parameters are part of a hash."""

WRITER, READER = ("rw", "secret"), ("ro", "look")
HEARTBEAT = "/diagnostic/status/heartbeat"
FOR_VERIFICATION = "/pacts/provider/x/for-verification"
OpenBroker = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


def users_toml(writer_password: str = "secret") -> str:  # noqa: S107 - an example
    """Return a users file with a writer, a reader and a token of each role."""
    return f"""
[users.rw]
role = "write"
password = "{HASHER.hash(writer_password)}"
[users.ro]
role = "read"
password = "{HASHER.hash("look")}"
[tokens.pipeline]
role = "write"
token = "{hash_token("write-token")}"
[tokens.monitor]
role = "read"
token = "{hash_token("read-token")}"
"""


def bearer(token: str) -> dict[str, str]:
    """Return the header of a token."""
    return {"Authorization": f"Bearer {token}"}
