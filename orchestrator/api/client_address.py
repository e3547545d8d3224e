"""The IP address of a client, also behind proxies."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Networks = Sequence[IPv4Network | IPv6Network]
IPV6_CLIENT_BITS = 64
"""A provider gives each customer at least a /64 network, so single IPv6 addresses cost nothing."""


def resolve_client_address(peer: str, forwarded_for: str, trusted_proxies: Networks) -> str:
    """Return the right-most address that is no trusted proxy, or the left-most one if all are.

    Each proxy appends the address that it was contacted from. What stands left of the first address that is not
    trusted was sent by that client, who can write anything.

    Args:
        peer: the address that the connection comes from.
        forwarded_for: the header `X-Forwarded-For`; several are joined by commas.
        trusted_proxies: whose entries count.
    """
    address = peer
    for entry in reversed(forwarded_for.split(",")):
        if not is_in_networks(address, trusted_proxies):
            break
        forwarded = _parse_entry(entry.strip())
        # an entry that is no address, such as `unknown`: the last proxy is all that is known
        if forwarded is None:
            break
        address = str(forwarded)
    return address


def is_in_networks(address: str, networks: Networks) -> bool:
    """Return whether an address belongs to one of the networks."""
    parsed = _parse_address(address) if networks else None
    return parsed is not None and any(parsed in network for network in networks)


# a client sends many requests, each of which is counted against several limits
@lru_cache(maxsize=1024)
def client_group(address: str) -> str:
    """Return what an address is limited by: an IPv4 address, or the first address of its IPv6 network."""
    parsed = _parse_address(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((parsed, IPV6_CLIENT_BITS), strict=False).network_address)
    return str(parsed or address)


def _parse_entry(entry: str) -> IPv4Address | IPv6Address | None:
    """Parse `address`, `IPv4:port` or `[IPv6]:port`, which some proxies write."""
    if entry.startswith("["):
        return _parse_address(entry[1:].partition("]")[0])
    if entry.count(":") == 1:
        return _parse_address(entry.partition(":")[0])
    return _parse_address(entry)


def _parse_address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    # a socket that listens on IPv6 reports IPv4 clients as ::ffff:192.0.2.1
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
