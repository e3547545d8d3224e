"""Users and tokens in a TOML file, which is read again when it changes."""

from __future__ import annotations

import hashlib
import logging
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError

ROLES = ("read", "write")
HASH_PREFIX = "sha256:"

logger = logging.getLogger("broker")


class Table(NamedTuple):
    """A kind of entries: its name in the file, the field with the hash, and the command that makes the hash."""

    name: str
    field: str
    command: str


USERS, TOKENS = Table("users", "password", "hash-password"), Table("tokens", "token", "new-token")


class UsersFileError(Exception):
    """The file cannot be read, or an entry of it is not valid."""


@dataclass(frozen=True, slots=True)
class Account:
    """A user or a token.

    Attributes:
        name: the name, for the log.
        can_write: whether it may change anything.
        hash: the hash of the password or of the token.
    """

    name: str
    can_write: bool
    hash: str


@dataclass(frozen=True, slots=True)
class Accounts:
    """All users by their name, and all tokens by their hash."""

    users: Mapping[str, Account]
    tokens: Mapping[str, Account]

    def find_token(self, token: str) -> Account | None:
        """Return the account of a token."""
        return self.tokens.get(hash_token(token))


def hash_token(token: str) -> str:
    """Return the hash of a token; a fast one, because a generated token cannot be guessed."""
    return HASH_PREFIX + hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


class UsersFile:
    """The accounts of a file.

    Args:
        path: the file.

    Raises:
        UsersFileError: The file cannot be used, or has no account.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._accounts = Accounts({}, {})
        # before it is read: a change in the meantime is read again
        self._state: object = _file_state(path)
        self._read()

    def accounts(self) -> Accounts:
        """Return the accounts, read again if the file has changed; a file that cannot be used changes nothing."""
        state, problem = self._read_if_changed()
        # logged once for each change of the file
        if problem and state != self._state:
            logger.error("the users file has changed and is not used: %s", problem)
        self._state = state
        return self._accounts

    def _read_if_changed(self) -> tuple[object, UsersFileError | None]:
        """Return the state of the file, None if it cannot be read, and what is wrong with it if it has changed."""
        state: object = None
        try:
            state = _file_state(self._path)
            if state != self._state:
                self._read()
                logger.warning("the users file has changed and was read again")
        except UsersFileError as error:
            return state, error
        return state, None

    def _read(self) -> None:
        try:
            text = self._path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsersFileError(f"{self._path} cannot be read: {error}") from None
        try:
            self._accounts = parse_accounts(text)
        except UsersFileError as error:
            raise UsersFileError(f"{self._path}: {error}") from None


def parse_accounts(text: str) -> Accounts:
    """Return the accounts of a TOML document.

    Raises:
        UsersFileError: The document is not valid; the message names the entry and what is right.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsersFileError(f"it is not TOML: {error}") from None
    if unknown := document.keys() - {USERS.name, TOKENS.name}:
        raise UsersFileError(f"there is no '{min(unknown)}': the tables are [users.NAME] and [tokens.NAME]")
    users, tokens = _parse_table(document, USERS), _parse_table(document, TOKENS)
    if not users and not tokens:
        raise UsersFileError("it has no account: add a table [users.NAME] or [tokens.NAME]")
    return Accounts(users, {account.hash: account for account in tokens.values()})


def _parse_table(document: dict[str, Any], table: Table) -> dict[str, Account]:
    entries = document.get(table.name, {})
    if not isinstance(entries, dict):
        raise UsersFileError(f"'{table.name}' must be tables: [{table.name}.NAME]")
    return {name: _parse_account(name, entry, table) for name, entry in entries.items()}


def _parse_account(name: str, entry: Any, table: Table) -> Account:
    where = f"[{table.name}.{name}]"
    if not isinstance(entry, dict) or entry.keys() != {"role", table.field}:
        raise UsersFileError(f"{where} must have exactly 'role' and '{table.field}'")
    if entry["role"] not in ROLES:
        raise UsersFileError(f"{where}: role must be 'read' or 'write'")
    if ":" in name and table is USERS:
        raise UsersFileError(f"{where}: the name of a user cannot have a colon")
    value = entry[table.field]
    if not isinstance(value, str) or not _is_hash(value, table):
        raise UsersFileError(
            f"{where}: {table.field} must be a hash: 'python -m broker {table.command}' makes one"
        )
    return Account(name, entry["role"] == "write", value)


def _is_hash(value: str, table: Table) -> bool:
    if table is TOKENS:
        return value.startswith(HASH_PREFIX) and len(value) == len(hash_token(""))
    try:
        extract_parameters(value)
    except InvalidHashError:
        return False
    return True


def _file_state(path: Path) -> object:
    try:
        status = path.stat()
    except OSError as error:
        raise UsersFileError(f"{path} cannot be read: {error}") from None
    return status.st_ino, status.st_size, status.st_mtime_ns
