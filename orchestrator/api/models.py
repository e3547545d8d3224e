"""Types that several routes use."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from orchestrator.calls.events import Identifier

MAX_EMAIL_BYTES = 254
"""RFC 5321, section 4.5.3.1.3; the column and the access token are sized for it."""


def _check_email_bytes(email: str) -> str:
    # in lower case, as it is stored: some letters become longer
    if len(email.lower().encode()) > MAX_EMAIL_BYTES:
        raise ValueError(f"should have at most {MAX_EMAIL_BYTES} bytes")
    return email


Email = Annotated[
    str,
    StringConstraints(max_length=254, pattern=r"^[^@\s]{1,64}@(?:[^@\s.]{1,63}\.){1,8}[^@\s.]{2,63}$"),
    AfterValidator(_check_email_bytes),
]
Password = Annotated[SecretStr, Field(min_length=8, max_length=256)]
HotelIds = Annotated[list[Identifier], Field(max_length=50)]
"""Bounded, because the hotels of a user are in the access token, whose length is limited."""


class StrictModel(BaseModel):
    """A request body that rejects unknown fields."""

    model_config = ConfigDict(extra="forbid")
