"""The base of every section, and variables that hold a list."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsSection(BaseSettings):
    """Settings of one concern. Every field names its environment variable in `validation_alias`."""

    # extra="ignore", because every section is given the overrides of all
    model_config = SettingsConfigDict(frozen=True, extra="ignore")


def _require_header_text(text: str) -> str:
    # it is sent in headers and signed with: httpx encodes a header as ASCII
    if not (text.isascii() and text.isprintable() and text.strip() == text != ""):
        raise ValueError("should be printable ASCII characters without spaces around them")
    return text


def _require_secret_header_text(secret: SecretStr) -> SecretStr:
    _require_header_text(secret.get_secret_value())
    return secret


CredentialName = Annotated[str, AfterValidator(_require_header_text)]
"""The public part of a credential, such as the id of a client."""
Credential = Annotated[SecretStr, AfterValidator(_require_secret_header_text)]
"""A secret that is neither empty nor impossible to send."""


def _split_at_commas(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


SplitAtCommas = BeforeValidator(_split_at_commas)
"""Reads a variable as the parts between its commas; beside `NoDecode`, because pydantic-settings would read it as JSON."""
