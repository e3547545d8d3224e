"""Users and their passwords."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from orchestrator.persistence.database import Database
from orchestrator.persistence.tables import UserRow
from orchestrator.security.passwords import PasswordService
from orchestrator.security.roles import Role


class UserRepository:
    """Stores users. E-mail addresses are compared without regard to case."""

    def __init__(self, database: Database, passwords: PasswordService) -> None:
        self._database = database
        self._passwords = passwords

    async def create(
        self, email: str, password: str, roles: Sequence[Role], hotel_ids: Sequence[str] | None = None
    ) -> UserRow | None:
        """Create a user; `hotel_ids` None means all hotels. Return None if the address is taken."""
        user = UserRow(
            user_id=str(uuid.uuid4()),
            email=email.lower(),
            password_hash=await self._passwords.hash(password),
            roles=list(roles),
            hotel_ids=list(hotel_ids) if hotel_ids is not None else None,
        )
        try:
            async with self._database.transaction() as db_session:
                db_session.add(user)
        # the unique column decides: a look-up before the insert would race with another request
        except IntegrityError:
            return None
        return user

    async def authenticate(self, email: str, password: str) -> UserRow | None:
        """Return the user with these credentials. An unknown address takes as long as a wrong password."""
        async with self._database.transaction() as db_session:
            user = await db_session.scalar(select(UserRow).where(UserRow.email == email.lower()))
        # after the transaction, which would hold a connection while the hash is computed
        matches = await self._passwords.verify(user.password_hash if user else None, password)
        return user if matches else None

    async def get(self, user_id: str) -> UserRow | None:
        """Return a user."""
        async with self._database.transaction() as db_session:
            return await db_session.get(UserRow, user_id)

    async def list_all(self) -> list[UserRow]:
        """Return all users, ordered by address."""
        async with self._database.transaction() as db_session:
            return list(await db_session.scalars(select(UserRow).order_by(UserRow.email)))
