"""Which requests a webhook may send: methods, schemes, hosts and the addresses that a host may have."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NAT64_PREFIX = ipaddress.IPv6Network("64:ff9b::/96")
"""The last 32 bits of these addresses are the IPv4 address that is reached (RFC 6052)."""


@dataclass(frozen=True, slots=True)
class HostRule:
    """One entry of the list of allowed hosts, as it was written, and the function that recognises a host."""

    text: str
    matches: Callable[[str], bool] = field(compare=False)


def parse_host_rule(text: str) -> HostRule:
    """Return the rule of one entry: a host, `*.domain`, an address or network, or `/a regular expression/`.

    Raises:
        ValueError: The regular expression is not valid.
    """
    if len(text) > 1 and text.startswith("/") and text.endswith("/"):
        try:
            pattern = re.compile(text[1:-1])
        except re.error as error:
            raise ValueError(f"{text} is not a regular expression: {error}") from None
        return HostRule(text, lambda host: pattern.search(host) is not None)
    if text.startswith("*."):
        suffix = text[1:].lower()
        return HostRule(text, lambda host: host.endswith(suffix))
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        name = text.lower()
        return HostRule(text, lambda host: host == name)
    return HostRule(text, lambda host: (address := _parse_address(host)) is not None and address in network)


@dataclass(frozen=True, slots=True)
class WebhookRules:
    """The allowed requests.

    Attributes:
        methods: HTTP methods.
        schemes: `https`, `http` or both.
        hosts: the allowed hosts, which may then have private addresses; without any, every host is allowed whose
            addresses are public.
    """

    methods: tuple[str, ...] = ("POST",)
    schemes: tuple[str, ...] = ("https",)
    hosts: tuple[HostRule, ...] = ()

    def find_scheme_error(self, scheme: str) -> str | None:
        """Return why a scheme is not allowed, or None."""
        return None if scheme in self.schemes else f"scheme must be {', '.join(self.schemes)}"

    def find_method_error(self, method: str) -> str | None:
        """Return why a method is not allowed, or None."""
        return None if method in self.methods else f"must be {', '.join(self.methods)}"

    def find_host_error(self, host: str) -> str | None:
        """Return why a host is not allowed, or None."""
        if not self.hosts:
            # any other name is checked when it is resolved, which may give another address each time
            address = _known_address(host.lower().rstrip("."))
            return None if address is None else self.find_address_error(host, str(address))
        if self._is_listed(host):
            return None
        return f"host must be one of the allowed hosts: {' '.join(rule.text for rule in self.hosts)}"

    def find_address_error(self, host: str, address: str) -> str | None:
        """Return why a host must not be reached at an address that it resolves to, or None."""
        parsed = ipaddress.ip_address(address.partition("%")[0])
        reached = _reached_address(parsed)
        if _is_public(reached) or (parsed == _parse_address(host) and self._is_listed(host)):
            return None
        # a listed name is trusted with private networks, but not with the metadata service of a cloud
        if self._is_listed(host) and not reached.is_link_local:
            return None
        return (
            f"host {host} has the address {address}, which is not public: to allow it, add the host to "
            "PACT_BROKER_WEBHOOK_HOST_WHITELIST"
        )

    def _is_listed(self, host: str) -> bool:
        return any(rule.matches(host.lower().rstrip(".")) for rule in self.hosts)


def _parse_address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _known_address(host: str) -> Address | None:
    """Return the address of a host that needs no name server: an address in any notation, or a name of the machine itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return ipaddress.IPv4Address("127.0.0.1")
    try:
        # resolvers also read 127.1, 0x7f.1 and 2130706433 as addresses
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return _parse_address(host)


def _reached_address(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, or else the address."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64_PREFIX:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _is_public(address: Address) -> bool:
    site_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return address.is_global and not (address.is_multicast or address.is_reserved or site_local)
