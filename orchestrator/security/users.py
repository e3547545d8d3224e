"""Who may log in."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from orchestrator.persistence.database import Database, UserRow
from orchestrator.security.passwords import PasswordService
from orchestrator.security.roles import Role


class UserRepository:
    """Keeps users; an e-mail address is one whatever its case.

    Args:
        database: where.
        passwords: hashes and checks.
    """

    def __init__(self, database: Database, passwords: PasswordService) -> None:
        self._database = database
        self._passwords = passwords

    async def create(
        self, email: str, password: str, roles: Sequence[Role], hotel_ids: Sequence[str] | None = None
    ) -> UserRow | None:
        """A new user, or None if there is one of this address; without `hotel_ids` for all hotels."""
        user = UserRow(
            user_id=str(uuid.uuid4()),
            email=email.lower(),
            password_hash=await self._passwords.hash(password),
            roles=list(roles),
            hotel_ids=list(hotel_ids) if hotel_ids is not None else None,
        )
        try:
            async with self._database.session_factory.begin() as session:
                session.add(user)
        except IntegrityError:
            return None
        return user

    async def authenticate(self, email: str, password: str) -> UserRow | None:
        """The user of this address and password; a wrong address takes as long as a wrong password."""
        async with self._database.session_factory() as session:
            user = await session.scalar(select(UserRow).where(UserRow.email == email.lower()))
        right = await self._passwords.verify(user.password_hash if user else None, password)
        return user if right else None

    async def get(self, user_id: str) -> UserRow | None:
        """A user."""
        async with self._database.session_factory() as session:
            return await session.get(UserRow, user_id)

    async def list_all(self) -> list[UserRow]:
        """All users, by address."""
        async with self._database.session_factory() as session:
            return list(await session.scalars(select(UserRow).order_by(UserRow.email)))
