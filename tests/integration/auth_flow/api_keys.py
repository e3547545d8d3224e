"""API keys of services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.integration.accounts import assert_unauthenticated, create_api_key, synthesize_status
from tests.integration.api import ApiClient
from tests.integration.database_control import age_api_key


class TestApiKeys:
    """API keys of services."""

    def test_api_key_is_returned_only_on_creation(self, admin: ApiClient) -> None:
        """The listing never holds the key."""
        created = create_api_key(admin, "call:start")

        listed = next(key for key in admin.get_json("/auth/api-keys") if key["id"] == created["id"])

        assert created["key"].startswith("vh_")
        assert (listed["key"], listed["permissions"]) == (None, ["call:start"])
        assert created["key"] not in admin.get("/auth/api-keys").text

    def test_api_key_is_limited_to_its_permissions(self, anonymous: ApiClient, admin: ApiClient) -> None:
        """A route that needs another permission responds with 403."""
        call_starter = create_api_key(admin, "call:start")["key"]
        viewer = create_api_key(admin, "call:view")["key"]

        statuses = [synthesize_status(anonymous, key) for key in (call_starter, viewer)]

        assert statuses == [200, 403]

    def test_revoked_api_key_is_rejected(self, anonymous: ApiClient, admin: ApiClient) -> None:
        """The key is rejected from the next request on."""
        created = create_api_key(admin, "call:start")

        revoked = admin.delete(f"/auth/api-keys/{created['id']}")

        assert (revoked.status_code, synthesize_status(anonymous, created["key"])) == (204, 401)

    @pytest.mark.parametrize(("age", "status"), [(timedelta(hours=23), 200), (timedelta(hours=25), 401)])
    def test_api_key_expires(
        self, anonymous: ApiClient, admin: ApiClient, stack_folder: Path, age: timedelta, status: int
    ) -> None:
        """A key for one day is rejected when the day is over; time is moved in the database."""
        created = create_api_key(admin, "call:start", expires_days=1)

        age_api_key(stack_folder / "orchestrator.sqlite", created["id"], age)

        assert synthesize_status(anonymous, created["key"]) == status

    def test_rotation_replaces_the_api_key(self, anonymous: ApiClient, admin: ApiClient) -> None:
        """The old key is rejected, the new one has the same permissions."""
        created = create_api_key(admin, "call:start")

        rotated = admin.post(f"/auth/api-keys/{created['id']}/rotate").json()

        statuses = [synthesize_status(anonymous, key["key"]) for key in (created, rotated)]
        assert (statuses, rotated["permissions"]) == ([401, 200], ["call:start"])

    @pytest.mark.parametrize(
        "malform",
        [
            lambda key: key[:0],
            lambda key: key[:3],
            lambda key: key[:-1],
            lambda key: f"{key}x",
            lambda key: key.replace("vh_", "VH_"),
            lambda key: f"vh_{'0' * 16}_{key.rpartition('_')[2]}",
            lambda key: f"vh_' OR '1'='1_{key.rpartition('_')[2]}",
            lambda key: key * 50,
        ],
    )
    def test_malformed_api_key_is_rejected(
        self, anonymous: ApiClient, admin: ApiClient, malform: Callable[[str], str]
    ) -> None:
        """The error is that of every unauthenticated request."""
        key = malform(create_api_key(admin, "call:start")["key"])

        response = anonymous.post("/tts/synthesize", {"text": "Hi"}, headers={"X-API-Key": key})

        assert_unauthenticated(response)

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"permissions": []}, "permissions"),
            ({"permissions": ["everything"]}, "permissions.0"),
            ({"expires_days": 0}, "expires_days"),
            ({"name": ""}, "name"),
        ],
    )
    def test_invalid_api_key_request_returns_422_with_field(
        self, admin: ApiClient, change: dict[str, Any], field: str
    ) -> None:
        """The error names the field."""
        body = {"name": "n", "service_name": "s", "permissions": ["call:start"]} | change

        response = admin.post("/auth/api-keys", body)

        assert [detail["field"] for detail in response.json()["error"]["details"]] == [field]
