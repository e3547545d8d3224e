"""Users and their passwords."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from orchestrator.persistence.users import User, UserRepository
from orchestrator.security.passwords import PasswordService
from orchestrator.security.roles import Role


class UserService:
    """Creates and authenticates users. E-mail addresses are compared without regard to case."""

    def __init__(self, users: UserRepository, passwords: PasswordService) -> None:
        self._users = users
        self._passwords = passwords

    async def create(
        self, email: str, password: str, roles: Sequence[Role], hotel_ids: Sequence[str] | None = None
    ) -> User | None:
        """Create a user; `hotel_ids` None means all hotels. Return None if the address is taken."""
        user = User(
            user_id=str(uuid.uuid4()),
            email=email.lower(),
            password_hash=await self._passwords.hash(password),
            roles=list(roles),
            hotel_ids=list(hotel_ids) if hotel_ids is not None else None,
        )
        return user if await self._users.add(user) else None

    async def authenticate(self, email: str, password: str) -> User | None:
        """Return the user with these credentials. An unknown address takes as long as a wrong password."""
        user = await self._users.find(email.lower())
        matches = await self._passwords.verify(user.password_hash if user else None, password)
        return user if matches else None

    async def get(self, user_id: str) -> User | None:
        """Return a user."""
        return await self._users.get(user_id)

    async def list_all(self) -> list[User]:
        """Return all users, ordered by address."""
        return await self._users.list_all()
