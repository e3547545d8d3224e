"""Reads what a client sends to Redis and to PostgreSQL: the commands, without those that only open a connection."""

from __future__ import annotations

from typing import Protocol

LINE_END = b"\r\n"
REDIS_HANDSHAKE = frozenset({b"AUTH", b"CLIENT", b"HELLO", b"SELECT"})
"""Sent once per connection, so their number depends on how many requests came at once before."""
POSTGRESQL_STATEMENTS = frozenset({b"Q", b"E"})
"""The messages Query and Execute: each runs a statement."""
POSTGRESQL_LENGTH_BYTES = 4


class CommandReader(Protocol):
    """Reads the stream of one connection."""

    def feed(self, content: bytes) -> list[bool]:
        """Return, for each message that is complete by now and costs a round trip, whether it is a command."""


class RedisReader:
    """Reads commands in RESP: an array of bulk strings each."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, content: bytes) -> list[bool]:
        """Return True for each complete command that does not belong to the handshake."""
        self._buffer += content
        commands: list[bool] = []
        while parsed := self._parse_command():
            name, self._buffer = parsed
            if name not in REDIS_HANDSHAKE:
                commands.append(True)
        return commands

    def _parse_command(self) -> tuple[bytes, bytes] | None:
        """Return the first command's name and the bytes after the command; None if it is not complete."""
        count, found, rest = self._buffer.partition(LINE_END)
        if not found:
            return None
        name = b""
        for index in range(int(count.removeprefix(b"*"))):
            length, found, rest = rest.partition(LINE_END)
            end = int(length.removeprefix(b"$")) if found else 0
            if not found or len(rest) < end + len(LINE_END):
                return None
            name = name if index else rest[:end].upper()
            rest = rest[end + len(LINE_END) :]
        return name, rest


class PostgresqlReader:
    """Reads the messages of a client; the first one, which starts the session, has no type."""

    def __init__(self) -> None:
        self._buffer = b""
        self._started = False

    def feed(self, content: bytes) -> list[bool]:
        """Return for each complete message after the start whether it runs a statement; others prepare and close one."""
        self._buffer += content
        messages: list[bool] = []
        while (message := self._parse_message()) is not None:
            if message:
                messages.append(message in POSTGRESQL_STATEMENTS)
        return messages

    def _parse_message(self) -> bytes | None:
        """Remove the first message and return its type, empty for that of the start; None if it is not complete."""
        type_bytes = 1 if self._started else 0
        head = self._buffer[: type_bytes + POSTGRESQL_LENGTH_BYTES]
        length = int.from_bytes(head[type_bytes:])
        if len(head) < type_bytes + POSTGRESQL_LENGTH_BYTES or len(self._buffer) < type_bytes + length:
            return None
        self._buffer = self._buffer[type_bytes + length :]
        self._started = True
        return head[:type_bytes]
