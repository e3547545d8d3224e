"""Create and change environments; their names are unique."""

from __future__ import annotations

import uuid
from typing import Any

from broker.database import Database, Row
from broker.errors import InvalidRequestError
from broker.store import environments


def create(db: Database, columns: dict[str, Any]) -> str:
    """Create an environment and return its UUID.

    Raises:
        InvalidRequestError: The name is taken.
    """
    _check_name_is_free(db, columns["name"])
    identifier = str(uuid.uuid4())
    environments.create(db, identifier, columns)
    return identifier


def replace(db: Database, environment: Row, columns: dict[str, Any]) -> None:
    """Replace the fields of an environment.

    Raises:
        InvalidRequestError: The new name is taken.
    """
    if columns["name"] != environment["name"]:
        _check_name_is_free(db, columns["name"])
    environments.update(db, environment["id"], columns)


def _check_name_is_free(db: Database, name: str) -> None:
    # callers hold the write lock, so two requests cannot both find the name free
    if environments.find_by_name(db, name):
        raise InvalidRequestError({"name": [f"There is already an environment '{name}'"]})
