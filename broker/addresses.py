"""Addresses of clients, proxies and of the broker itself."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

Address = IPv4Address | IPv6Address


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
