"""Who may log in."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from orchestrator.database import Database, User
from orchestrator.security.passwords import Passwords
from orchestrator.security.roles import Role


class Users:
    """Keeps users; an e-mail address is one whatever its case.

    Args:
        database: where.
        passwords: hashes and checks.
    """

    def __init__(self, database: Database, passwords: Passwords) -> None:
        self._database = database
        self._passwords = passwords

    async def create(
        self, email: str, password: str, roles: Sequence[Role], hotel_ids: Sequence[str] | None = None
    ) -> User | None:
        """A new user, or None if there is one of this address; without `hotel_ids` for all hotels."""
        user = User(
            user_id=str(uuid.uuid4()),
            email=email.lower(),
            password_hash=await self._passwords.hash(password),
            roles=list(roles),
            hotel_ids=list(hotel_ids) if hotel_ids is not None else None,
        )
        try:
            async with self._database.session.begin() as session:
                session.add(user)
        except IntegrityError:
            return None
        return user

    async def verify(self, email: str, password: str) -> User | None:
        """The user of this address and password; a wrong address takes as long as a wrong password."""
        async with self._database.session() as session:
            user = await session.scalar(select(User).where(User.email == email.lower()))
        right = await self._passwords.verify(user.password_hash if user else None, password)
        return user if right else None

    async def get(self, user_id: str) -> User | None:
        """A user."""
        async with self._database.session() as session:
            return await session.get(User, user_id)

    async def all(self) -> list[User]:
        """All users, by address."""
        async with self._database.session() as session:
            return list(await session.scalars(select(User).order_by(User.email)))
