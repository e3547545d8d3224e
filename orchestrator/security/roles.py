"""Roles and the permissions they grant."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Permission(StrEnum):
    """An action on a kind of resource."""

    CALL_START = "call:start"
    CALL_END = "call:end"
    CALL_VIEW = "call:view"
    CALL_MANAGE = "call:manage"
    HOTEL_CREATE = "hotel:create"
    HOTEL_UPDATE = "hotel:update"
    HOTEL_DELETE = "hotel:delete"
    HOTEL_VIEW = "hotel:view"
    SYSTEM_CONFIG = "system:config"
    SYSTEM_MONITOR = "system:monitor"
    SYSTEM_ADMIN = "system:admin"
    USER_CREATE = "user:create"
    USER_UPDATE = "user:update"
    USER_DELETE = "user:delete"
    USER_VIEW = "user:view"


class Role(StrEnum):
    """A role of a user."""

    ADMIN = "admin"
    MANAGER = "manager"
    OPERATOR = "operator"
    VIEWER = "viewer"


_VIEWER = frozenset({Permission.CALL_VIEW, Permission.HOTEL_VIEW})
_OPERATOR = _VIEWER | {Permission.CALL_START, Permission.CALL_END}
_MANAGER = _OPERATOR | {Permission.CALL_MANAGE, Permission.HOTEL_UPDATE, Permission.USER_VIEW}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission),
    Role.MANAGER: _MANAGER,
    Role.OPERATOR: _OPERATOR,
    Role.VIEWER: _VIEWER,
}


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """Return the union of the roles' permissions."""
    return frozenset().union(*(ROLE_PERMISSIONS[role] for role in roles))
