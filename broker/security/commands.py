"""Commands that make the entries of the users file."""

from __future__ import annotations

import getpass
import secrets
import sys
from collections.abc import Callable

from broker.security.passwords import hash_password
from broker.security.users_file import hash_token

TOKEN_BYTES = 32
MIN_PASSWORD_LENGTH = 8
WRONG_INPUT = 2


def print_password_hash(_: list[str]) -> int:
    """Read a password from the terminal or from standard input, print its hash and return the exit code."""
    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
    else:
        password = sys.stdin.readline().removesuffix("\n")
    if len(password) < MIN_PASSWORD_LENGTH:
        sys.stderr.write(f"a password must have at least {MIN_PASSWORD_LENGTH} characters\n")
        return WRONG_INPUT
    sys.stdout.write(f"{hash_password(password)}\n")
    return 0


def print_new_token(_: list[str]) -> int:
    """Print a new token with its hash, and return the exit code."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    sys.stdout.write(f"token: {token}\nhash:  {hash_token(token)}\n")
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "hash-password": print_password_hash,
    "new-token": print_new_token,
}
"""By the first argument of `python -m broker`."""
