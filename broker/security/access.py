"""What a request needs: nothing, to read, or to write."""

from __future__ import annotations

import re
from enum import IntEnum

from broker.settings import Settings

READ_METHODS = {"GET", "HEAD", "OPTIONS"}
HEARTBEAT = "/diagnostic/status/heartbeat"
READ_BY_POST = re.compile(r"/pacts/provider/[^/]+/for-verification")
"""A query whose selectors do not fit into a URL."""

BADGES = (
    re.compile(
        r"/pacts/provider/[^/]+/consumer/[^/]+/(latest|latest/[^/]+|latest-untagged|branch/[^/]+/latest)/badge(\.svg)?"
    ),
    re.compile(r"/matrix/provider/[^/]+/latest/[^/]+/consumer/[^/]+/latest/[^/]+/badge(\.svg)?"),
    re.compile(r"/pacticipants/[^/]+/latest-version/[^/]+/can-i-deploy/to/[^/]+/badge(\.svg)?"),
    re.compile(
        r"/pacticipants/[^/]+/branches/[^/]+/latest-version/can-i-deploy/to-environment/[^/]+/badge(\.svg)?"
    ),
    re.compile(r"/pacticipants/[^/]+/main-branch/can-i-merge/badge(\.svg)?"),
)
"""Paths as they are sent: an encoded slash in a name is no slash here."""


class Access(IntEnum):
    """What a request needs; a higher one includes the lower ones."""

    NOTHING = 0
    READ = 1
    WRITE = 2


def required_access(method: str, path: str, settings: Settings) -> Access:
    """Return what a request needs.

    Args:
        method: the HTTP method.
        path: the path as it was sent, still encoded.
        settings: what is public.
    """
    path = path.rstrip("/")
    if method in READ_METHODS:
        return Access.NOTHING if _is_public(path, settings) else Access.READ
    if method == "POST" and READ_BY_POST.fullmatch(path):
        return Access.NOTHING if settings.public_read else Access.READ
    return Access.WRITE


def _is_public(path: str, settings: Settings) -> bool:
    if settings.public_read or (settings.public_heartbeat and path == HEARTBEAT):
        return True
    return settings.public_badges and any(pattern.fullmatch(path) for pattern in BADGES)
