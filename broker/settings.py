"""Settings of the broker, from options of the command line or else from environment variables."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")
Network = IPv4Network | IPv6Network

STRICT, OFFICIAL = "strict", "official"
RULES = (STRICT, OFFICIAL)
"""The rules of can-i-deploy and of `fallbackBranch`: stricter ones, or those of the official broker."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the broker.

    Attributes:
        base_urls: the URLs that clients reach the broker by, without a slash at the end; the first is the default.
        allowed_hosts: the hosts, with or without a port, whose `Host` header a broker without users accepts, and that is used for links.
        trusted_proxies: the networks of the proxies whose `X-Forwarded-*` headers are used.
        users_file: the file with users and tokens; None for a broker that anybody may use.
        public_heartbeat: the heartbeat needs no credentials.
        public_badges: badges need no credentials.
        public_read: reading needs no credentials.
        rules: the rules of requests that do not name any.
    """

    base_urls: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[Network, ...] = ()
    users_file: Path | None = None
    public_heartbeat: bool = False
    public_badges: bool = False
    public_read: bool = False
    rules: str = STRICT


def add_setting_options(parser: argparse.ArgumentParser) -> None:
    """Add an option for each setting; its default is the environment variable `BROKER_…` of the same name."""
    group = parser.add_argument_group(
        "security", "each also as an environment variable, such as BROKER_BASE_URLS"
    )

    def add(name: str, convert: Callable[[str], Any], default: str, text: str, **fields: Any) -> None:
        variable = os.environ.get(f"BROKER_{name.upper()}", default)
        group.add_argument(f"--{name.replace('_', '-')}", type=convert, default=variable, help=text, **fields)

    add("base_urls", _list_of(_base_url), "", "the URLs that clients reach the broker by, separated by commas", metavar="URL,…")  # fmt: skip
    add(
        "allowed_hosts",
        _list_of(_host),
        "",
        "the hosts by which the broker may be reached, besides loopback and its address",
        metavar="HOST,…",
    )
    add("trusted_proxies", _list_of(_network), "", "the networks of proxies whose X-Forwarded-* headers are used", metavar="NETWORK,…")  # fmt: skip
    add("users_file", _file, "", "the TOML file with users and tokens; required on any address but loopback", metavar="FILE")  # fmt: skip
    for name, what in (("heartbeat", "the heartbeat"), ("badges", "badges"), ("read", "reading")):
        # `nargs`: the option alone means true
        add(f"public_{name}", _flag, "false", f"{what} needs no credentials", nargs="?", const=True, metavar="true|false")  # fmt: skip
    add("rules", _rules, STRICT, "the rules of can-i-deploy (default: strict)", metavar="|".join(RULES))


def settings_from_options(options: argparse.Namespace) -> Settings:
    """Return the settings of parsed options."""
    return Settings(**{field.name: getattr(options, field.name) for field in fields(Settings)})


def _list_of(convert: Callable[[str], T]) -> Callable[[str], tuple[T, ...]]:
    return lambda text: tuple(convert(item.strip()) for item in text.split(",") if item.strip())


def _base_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        valid = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        valid = False
    if not valid or parts.query or parts.fragment or parts.username:
        raise argparse.ArgumentTypeError(
            f"'{text}' is no URL such as https://broker.example or http://host/path"
        )
    return text.rstrip("/")


def _host(text: str) -> str:
    if "/" in text or "@" in text or " " in text:
        raise argparse.ArgumentTypeError(f"'{text}' is no host such as broker.example or broker.example:8443")
    return text.lower()


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is no network such as 10.0.0.0/8: {error}") from None


def _file(text: str) -> Path | None:
    return Path(text) if text else None


def _flag(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise argparse.ArgumentTypeError(f"'{text}' is neither true nor false")
    return text.lower() == "true"


def _rules(text: str) -> str:
    if text not in RULES:
        raise argparse.ArgumentTypeError(f"'{text}' is none of {', '.join(RULES)}")
    return text
