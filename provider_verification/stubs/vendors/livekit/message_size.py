"""A limit on the values in a protobuf request: one request must not stop all stubs."""

from __future__ import annotations

from google.protobuf.message import Message

from provider_verification.stubs.sdk import NotModelled

MAX_VALUES = 20_000
"""As many as the engine takes in JSON."""


def require_few_values(message: Message) -> None:
    """Count the values of a message and of those in it.

    Raises:
        NotModelled: there are more than MAX_VALUES, which the server may accept.
    """
    count, messages = 0, [message]
    while messages:
        for field, value in messages.pop().ListFields():
            count += len(value) if field.is_repeated else 1
            if count > MAX_VALUES:
                raise NotModelled(f"a message with more than {MAX_VALUES} values", ("body",))
            if field.message_type is not None and not field.message_type.GetOptions().map_entry:
                messages += value if field.is_repeated else [value]
