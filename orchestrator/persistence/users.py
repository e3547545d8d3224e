"""The repository of users."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from orchestrator.persistence.database import Database
from orchestrator.persistence.tables import UserRow


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user who can log in. `hotel_ids` None means all hotels."""

    user_id: str
    email: str
    password_hash: str
    roles: list[str]
    hotel_ids: list[str] | None


class UserRepository:
    """Stores users under e-mail addresses in lower case. Every method raises DatabaseUnavailableError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, user: User) -> bool:
        """Store a new user. Return False if the address is taken."""
        row = UserRow(
            user_id=user.user_id,
            email=user.email,
            password_hash=user.password_hash,
            roles=user.roles,
            hotel_ids=user.hotel_ids,
        )
        try:
            async with self._database.transaction() as db_session:
                db_session.add(row)
        # the unique column decides: a look-up before the insert would race with another request
        except IntegrityError:
            return False
        return True

    async def find(self, email: str) -> User | None:
        """Return the user with this address."""
        async with self._database.transaction() as db_session:
            row = await db_session.scalar(select(UserRow).where(UserRow.email == email))
        return _from_row(row) if row else None

    async def get(self, user_id: str) -> User | None:
        """Return the user with this id."""
        async with self._database.transaction() as db_session:
            row = await db_session.get(UserRow, user_id)
        return _from_row(row) if row else None

    async def list_all(self) -> list[User]:
        """Return all users, ordered by address."""
        async with self._database.transaction() as db_session:
            return [
                _from_row(row) for row in await db_session.scalars(select(UserRow).order_by(UserRow.email))
            ]


def _from_row(row: UserRow) -> User:
    return User(
        user_id=row.user_id,
        email=row.email,
        password_hash=row.password_hash,
        roles=row.roles,
        hotel_ids=row.hotel_ids,
    )
