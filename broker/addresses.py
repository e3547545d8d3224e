"""Addresses of clients, proxies and of the broker itself."""

from __future__ import annotations

import re
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address

Address = IPv4Address | IPv6Address

AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?")
MAX_PORT = 65535


def parse_address(text: str) -> Address | None:
    """Return an IP address, an IPv4 address that is written as IPv6 as IPv4; None for any other text."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    # what a socket for both versions reports for an IPv4 client
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def is_loopback(text: str) -> bool:
    """Return whether an address can be reached from this machine only."""
    address = parse_address(text)
    return address is not None and address.is_loopback


def parse_authority(text: str) -> tuple[str, str] | None:
    """Return the host and the port (`:PORT`, or empty) of a `Host` header in lower case; None if it is malformed."""
    match = AUTHORITY.fullmatch(text)
    host, port = (match[1], match[2] or "") if match else ("", "")
    return (host, port) if match and int(port[1:] or 0) <= MAX_PORT else None


def is_allowed_host(authority: str, allowed: Collection[str]) -> bool:
    """Return whether a `Host` header in lower case names loopback, or is one of the allowed hosts, with or without its port."""
    parts = parse_authority(authority)
    if parts is None:
        return False
    host, _ = parts
    return host == "localhost" or is_loopback(host.strip("[]")) or host in allowed or authority in allowed
