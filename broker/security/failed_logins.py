"""A limit on failed logins, by address and user and by address alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from ipaddress import IPv4Address

from cachetools import TTLCache

from broker.addresses import parse_address

WINDOW_SECONDS = 60.0
"""How long a failed login counts after the last one."""

MAX_FAILURES_OF_USER = 10
MAX_FAILURES_OF_ADDRESS = 100
MAX_ENTRIES = 10_000
IPV6_PREFIX_LENGTH = 64
"""A customer of a provider has all addresses of a network of this size."""


class FailedLogins:
    """Counts failed logins; both the memory and the time are bounded.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        # two, because an attacker can fill the one with invented names
        self._by_user: TTLCache[tuple[str, str], int] = TTLCache(MAX_ENTRIES, WINDOW_SECONDS, clock)
        self._by_address: TTLCache[str, int] = TTLCache(MAX_ENTRIES, WINDOW_SECONDS, clock)

    def is_blocked(self, address: str, user: str) -> bool:
        """Return whether a login must not be tried, whatever the password."""
        group = _address_group(address)
        return (
            self._by_user.get((group, user), 0) >= MAX_FAILURES_OF_USER
            or self._by_address.get(group, 0) >= MAX_FAILURES_OF_ADDRESS
        )

    def add(self, address: str, user: str) -> None:
        """Count a failed login."""
        group = _address_group(address)
        self._by_user[group, user] = self._by_user.get((group, user), 0) + 1
        self._by_address[group] = self._by_address.get(group, 0) + 1

    def forget(self, address: str, user: str) -> None:
        """Forget the failures of a user who has logged in."""
        self._by_user.pop((_address_group(address), user), None)


def _address_group(address: str) -> str:
    parsed = parse_address(address)
    if parsed is None or isinstance(parsed, IPv4Address):
        return str(parsed or address)
    return parsed.packed[: IPV6_PREFIX_LENGTH // 8].hex()
