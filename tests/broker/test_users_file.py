"""The file with users and tokens: it is read again when it changes, and a mistake in it opens nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from broker.app import create_app
from broker.database import Database
from broker.security.users_file import UsersFileError, parse_accounts
from broker.settings import Settings
from tests.broker.users import WRITER, OpenBroker, bearer, users_toml


def replace_file(file: Path, text: str | None) -> None:
    """Write a file, or delete it."""
    if text is None:
        file.unlink()
    else:
        file.write_text(text)


async def test_users_file_is_read_again_when_it_changes(open_broker: OpenBroker, users_file: Path) -> None:
    """A new password and a removed token take effect with the next request, also if they were used before."""
    async with open_broker() as client:
        before = [
            (await client.get("/", auth=WRITER)).status_code,
            (await client.get("/", headers=bearer("read-token"))).status_code,
        ]
        replace_file(users_file, users_toml("changed").partition("[tokens.monitor]")[0])
        after = [
            (await client.get("/", auth=WRITER)).status_code,
            (await client.get("/", auth=("rw", "changed"))).status_code,
            (await client.get("/", headers=bearer("read-token"))).status_code,
        ]

    assert (before, after) == ([200, 200], [401, 200, 401])


@pytest.mark.parametrize("damage", ["delete", "empty", "invalid"])
async def test_users_file_that_cannot_be_used_changes_nothing(
    open_broker: OpenBroker, users_file: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The accounts that were read last stay, and the log says so once; never is the broker open."""
    async with open_broker() as client:
        replace_file(users_file, None)
        if damage != "delete":
            replace_file(users_file, "" if damage == "empty" else "[users.rw]\nrole = 'admin'")
        statuses = [(await client.get("/", auth=auth)).status_code for auth in (WRITER, WRITER, None)]
        replace_file(users_file, users_toml("changed"))
        repaired = (await client.get("/", auth=("rw", "changed"))).status_code

    assert (statuses, repaired) == ([200, 200, 401], 200)
    assert [record.message.partition(":")[0] for record in caplog.records if record.levelname == "ERROR"] == [
        "the users file has changed and is not used"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it has no account: add a table [users.NAME] or [tokens.NAME]"),
        ("x", "it is not TOML"),
        ("[user.x]", "there is no 'user': the tables are [users.NAME] and [tokens.NAME]"),
        ("users = 1", "'users' must be tables: [users.NAME]"),
        ("[users.x]\nrole = 'read'", "[users.x] must have exactly 'role' and 'password'"),
        ("[users.x]\nrole = 'admin'\npassword = ''", "[users.x]: role must be 'read' or 'write'"),
        ("[users.'a:b']\nrole = 'read'\npassword = ''", "[users.a:b]: the name of a user cannot have a colon"),
        ("[users.x]\nrole = 'read'\npassword = 'clear'", "[users.x]: password must be a hash: 'python -m broker hash-password' makes one"),  # pragma: allowlist secret
        ("[tokens.x]\nrole = 'read'\ntoken = 'clear'", "[tokens.x]: token must be a hash: 'python -m broker new-token' makes one"),
    ],
)  # fmt: skip
def test_users_file_with_a_mistake_names_the_entry(text: str, message: str) -> None:
    """The message never contains a secret."""
    with pytest.raises(UsersFileError) as error:
        parse_accounts(text)

    assert str(error.value).startswith(message)
    assert "clear" not in str(error.value)


def test_users_file_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    """Credentials that were asked for are never left out."""
    database = Database(":memory:")
    with pytest.raises(UsersFileError, match="cannot be read"):
        create_app(database, Settings(users_file=tmp_path / "none.toml"))
    database.close()
