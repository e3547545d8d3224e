"""Users, managed by administrators."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from orchestrator.api.dependencies import ContainerDep, CurrentAdmin, CurrentUser, forbidden_error
from orchestrator.api.error_handlers import error_responses
from orchestrator.api.models import Email, HotelIds, Password, StrictModel
from orchestrator.api.route import StrictRoute
from orchestrator.errors import AuthenticationError, ConflictError
from orchestrator.persistence.users import User
from orchestrator.security.audit import log_audit_event
from orchestrator.security.login import INVALID_SESSION_MESSAGE
from orchestrator.security.roles import Permission, Role, permissions_of

router = APIRouter(prefix="/auth", route_class=StrictRoute)


class UserResponse(BaseModel):
    """A user. `hotel_ids` null means all hotels."""

    user_id: str
    email: str
    roles: list[Role]
    permissions: list[Permission]
    hotel_ids: list[str] | None


class CreateUserRequest(StrictModel):
    """A new user; without `hotel_ids` for all hotels."""

    email: Email
    password: Password
    roles: list[Role] = Field(min_length=1, max_length=len(Role))
    hotel_ids: HotelIds | None = None


@router.get("/profile", responses=error_responses(401, 403))
async def get_profile(container: ContainerDep, principal: CurrentUser) -> UserResponse:
    """Return the logged-in user."""
    user = await container.security.users.get(principal.subject)
    if user is None:
        raise AuthenticationError(INVALID_SESSION_MESSAGE)
    return user_response(user)


@router.get("/admin/users", responses=error_responses(401, 403))
async def list_users(container: ContainerDep, principal: CurrentAdmin) -> list[UserResponse]:
    """List the users of the administrator's hotels."""
    users = await container.security.users.list_all()
    return [user_response(user) for user in users if principal.can_manage(user.hotel_ids)]


@router.post("/admin/users", status_code=201, responses=error_responses(401, 403, 409, 422))
async def create_user(
    body: CreateUserRequest, container: ContainerDep, principal: CurrentAdmin, request: Request
) -> UserResponse:
    """Create a user for hotels of the administrator."""
    if not principal.can_manage(body.hotel_ids):
        raise forbidden_error(principal, request)
    user = await container.security.users.create(
        body.email, body.password.get_secret_value(), body.roles, body.hotel_ids
    )
    if user is None:
        raise ConflictError("A user with this e-mail address already exists.")
    log_audit_event("create user", actor=principal.subject, user=user.user_id)
    return user_response(user)


def user_response(user: User) -> UserResponse:
    """Return a user without the password hash."""
    roles = [Role(role) for role in user.roles]
    return UserResponse(
        user_id=user.user_id,
        email=user.email,
        roles=roles,
        permissions=sorted(permissions_of(roles)),
        hotel_ids=user.hotel_ids,
    )
