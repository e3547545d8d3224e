"""API keys of services, managed by administrators."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from orchestrator.api.dependencies import ContainerDep, CurrentAdmin, forbidden_error
from orchestrator.api.error_handlers import error_responses
from orchestrator.api.models import HotelIds, StrictModel
from orchestrator.api.route import StrictRoute
from orchestrator.container import Container
from orchestrator.errors import NotFoundError
from orchestrator.security.api_keys import ApiKey
from orchestrator.security.audit import log_audit_event
from orchestrator.security.authentication import Principal
from orchestrator.security.roles import Permission

router = APIRouter(prefix="/auth/api-keys", route_class=StrictRoute)
ApiKeyId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]


class CreateApiKeyRequest(StrictModel):
    """A new key; without `hotel_ids` for all hotels."""

    name: str = Field(min_length=1, max_length=100)
    service_name: str = Field(min_length=1, max_length=100)
    permissions: list[Permission] = Field(min_length=1, max_length=len(Permission))
    hotel_ids: HotelIds | None = None
    expires_days: int | None = Field(None, ge=1, le=3650)


class ApiKeyResponse(BaseModel):
    """A key. `key` is the text that a service sends; only the creating or rotating response has it."""

    id: str
    name: str
    service_name: str
    permissions: list[Permission]
    hotel_ids: list[str] | None
    created_at: datetime
    expires_at: datetime | None
    key: str | None = None


@router.post("", status_code=201, responses=error_responses(401, 403, 422))
async def create_api_key(
    body: CreateApiKeyRequest, container: ContainerDep, principal: CurrentAdmin, request: Request
) -> ApiKeyResponse:
    """Create a key for hotels of the administrator."""
    if not principal.can_manage(body.hotel_ids):
        raise forbidden_error(principal, request)
    key, text = await container.security.api_keys.create(
        body.name, body.service_name, body.permissions, body.expires_days, body.hotel_ids
    )
    log_audit_event("create API key", actor=principal.subject, key=key.key_id)
    return _api_key_response(key, text)


@router.get("", responses=error_responses(401, 403))
async def list_api_keys(container: ContainerDep, principal: CurrentAdmin) -> list[ApiKeyResponse]:
    """List the keys of the administrator's hotels, without their secrets."""
    keys = await container.security.api_keys.list_all()
    return [_api_key_response(key) for key in keys if principal.can_manage(key.hotel_ids)]


@router.post("/{key_id}/rotate", responses=error_responses(401, 403, 404, 422))
async def rotate_api_key(
    key_id: ApiKeyId, container: ContainerDep, principal: CurrentAdmin
) -> ApiKeyResponse:
    """Replace the secret of a key; the old one becomes invalid at once."""
    key = await _get_manageable_key(container, principal, key_id)
    text = await container.security.api_keys.rotate(key_id)
    # the key was deleted after it was read
    if text is None:
        raise _not_found_error()
    log_audit_event("rotate API key", actor=principal.subject, key=key_id)
    return _api_key_response(key, text)


@router.delete("/{key_id}", status_code=204, responses=error_responses(401, 403, 404, 422))
async def revoke_api_key(key_id: ApiKeyId, container: ContainerDep, principal: CurrentAdmin) -> None:
    """Delete a key."""
    await _get_manageable_key(container, principal, key_id)
    if not await container.security.api_keys.revoke(key_id):
        raise _not_found_error()
    log_audit_event("revoke API key", actor=principal.subject, key=key_id)


async def _get_manageable_key(container: Container, principal: Principal, key_id: str) -> ApiKey:
    key = await container.security.api_keys.get(key_id)
    # a 403 would disclose that a key of another hotel exists
    if key is None or not principal.can_manage(key.hotel_ids):
        raise _not_found_error()
    return key


def _not_found_error() -> NotFoundError:
    return NotFoundError("There is no such key.")


def _api_key_response(key: ApiKey, text: str | None = None) -> ApiKeyResponse:
    return ApiKeyResponse(
        id=key.key_id,
        name=key.name,
        service_name=key.service_name,
        permissions=sorted(key.permissions),
        hotel_ids=list(key.hotel_ids) if key.hotel_ids is not None else None,
        created_at=key.created_at,
        expires_at=key.expires_at,
        key=text,
    )
