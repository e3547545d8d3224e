"""Types that several routes use."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from orchestrator.calls.events import Identifier

Email = Annotated[
    str,
    StringConstraints(max_length=254, pattern=r"^[^@\s]{1,64}@(?:[^@\s.]{1,63}\.){1,8}[^@\s.]{2,63}$"),
]
Password = Annotated[SecretStr, Field(min_length=8, max_length=256)]
HotelIds = Annotated[list[Identifier], Field(max_length=50)]
"""Bounded, because the hotels of a user are in the access token, whose length is limited."""


class StrictModel(BaseModel):
    """A request body that rejects unknown fields."""

    model_config = ConfigDict(extra="forbid")
