"""The credentials in a request, by the names that the vendors give them, and their replacement."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

SECRET_HEADERS: Mapping[str, str] = {
    "authorization": "TOKEN",
    "x-api-key": "API_KEY",
    "xi-api-key": "TTS_API_KEY",
    "x-vault-token": "VAULT_TOKEN",
    "cookie": "COOKIE",
}
"""The shell variable that stands for the value of each header with credentials."""
SECRET_FIELDS: Mapping[str, str] = {
    "ClientToken": "MEWS_CLIENT_TOKEN",
    "AccessToken": "MEWS_ACCESS_TOKEN",
    "client_secret": "CLIENT_SECRET",
    "secret_id": "VAULT_SECRET_ID",
    "xi-api-key": "TTS_API_KEY",
    "xi_api_key": "TTS_API_KEY",
    "access_token": "TOKEN",
    "auth_password": "SIP_PASSWORD",
    "authPassword": "SIP_PASSWORD",
    "password": "PASSWORD",
    "token": "TOKEN",
}
"""The shell variable for each field of a JSON body, of a form and of a query with credentials."""

MASK = "(secret)"
_NAMES = "|".join(map(re.escape, SECRET_FIELDS))
_JSON_FIELD = re.compile(rf'("({_NAMES})"\s*:\s*")((?:[^"\\]|\\.)*)')
_FORM_FIELD = re.compile(rf"((?:^|(?<=&))({_NAMES})=)([^&]*)")


def mask_secret_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers with the values of credentials masked."""
    return {name: MASK if name in SECRET_HEADERS else value for name, value in headers.items()}


def mask_secret_fields(text: str) -> str:
    """Return a JSON text, a form or a query with the values of credentials masked, even if its end is missing."""
    return replace_secret_fields(text, lambda _variable: MASK)


def replace_secret_fields(text: str, replacement: Callable[[str], str]) -> str:
    """Return a JSON text, a form or a query with the value of each credential replaced.

    Args:
        text: what was sent, or its start.
        replacement: returns what stands for a value, from its shell variable.
    """

    def replace(match: re.Match[str]) -> str:
        return match[1] + replacement(SECRET_FIELDS[match[2]])

    return _FORM_FIELD.sub(replace, _JSON_FIELD.sub(replace, text))
