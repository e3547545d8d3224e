"""The credentials in requests and responses, by their names, and what replaces them wherever something is shown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote_plus

SECRET_ENDINGS = (
    "apikey",
    "authorization",
    "cookie",
    "password",
    "secret",
    "secretid",
    "token",
    "unsealkey",
)
"""How the names of headers, parameters and fields with credentials end, without separators and in lower case."""
POSITION_ENDINGS = ("pagetoken", "continuationtoken")
"""A place in a list, and no credential."""
VARIABLES: Mapping[str, str] = {
    "authorization": "TOKEN",
    "access_token": "TOKEN",
    "x-api-key": "API_KEY",
    "xi-api-key": "TTS_API_KEY",
    "xi_api_key": "TTS_API_KEY",
    "x-vault-token": "VAULT_TOKEN",
    "ClientToken": "MEWS_CLIENT_TOKEN",
    "AccessToken": "MEWS_ACCESS_TOKEN",
    "secret_id": "VAULT_SECRET_ID",
    "auth_password": "SIP_PASSWORD",
    "authPassword": "SIP_PASSWORD",
}
"""The shell variables whose name is not that of the credential."""

MASK = "(secret)"
SECRET_VALUES_PATH = re.compile(r"/v1/(?:[^/]+/data/|sys/(?:init|unseal|rekey|generate-root))")
"""Vault's KV engine, and the keys of the server itself: every value is a credential."""
PLAIN_MEMBERS = frozenset({"metadata", "options", "errors"})
"""What is no credential even there."""

MAX_NAME_LENGTH = 80
MAX_DEPTH = 100
MARK = "\ue000"
"""A character of the private use area: JSON does not escape it."""
JSON_PAIR = re.compile(rf'("((?:[^"\\]|\\.){{1,{MAX_NAME_LENGTH}}})"\s*:\s*")((?:[^"\\]|\\.)*)')
FORM_PAIR = re.compile(rf'((?:^|[?&])([^=&?"\s]{{1,{MAX_NAME_LENGTH}}})=)([^&"\s]*)')
JWT = re.compile(r"(?<![A-Za-z0-9_-])ey[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
"""A token inside a text: LiveKit repeats one that it rejects."""


def is_secret_name(name: str) -> bool:
    """Return whether a header, parameter or field of this name holds a credential."""
    plain = re.sub(r"[^a-z]", "", name.lower())
    return plain.endswith(SECRET_ENDINGS) and not plain.endswith(POSITION_ENDINGS)


def variable_of(name: str) -> str:
    """Return the shell variable that stands for the credential of this name."""
    return VARIABLES.get(name) or re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_")


def mask_pairs(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return headers or parameters with credentials masked."""
    return [(name, MASK if is_secret_name(name) else value) for name, value in pairs]


def mask_text(text: str, path: str = "") -> str:
    """Return a JSON text, a form, a URL or any other text with credentials masked.

    Args:
        text: the text, whose end may be missing.
        path: the path of the request that it belongs to.
    """
    return replace_secrets(text, lambda _variable: MASK, path)


def replace_secrets(text: str, replacement: Callable[[str], str], path: str = "") -> str:
    """Return a text with each credential replaced; everything else stays as it is, byte for byte.

    Args:
        text: a JSON text, a form, a URL or any other text, whose end may be missing.
        replacement: returns what stands for a credential, from its shell variable.
        path: the path of the request that it belongs to; at some, every value is a credential.
    """
    if SECRET_VALUES_PATH.match(path):
        text = _replace_all_values(text, replacement)
    text = JSON_PAIR.sub(lambda match: _replace_value(match, _unescape(match[2]), replacement), text)
    text = FORM_PAIR.sub(lambda match: _replace_value(match, unquote_plus(match[2]), replacement), text)
    return JWT.sub(lambda _match: replacement("TOKEN"), text)


def _replace_value(match: re.Match[str], name: str, replacement: Callable[[str], str]) -> str:
    return match[1] + replacement(variable_of(name)) if is_secret_name(name) else match[0]


def _unescape(name: str) -> str:
    if "\\" not in name:
        return name
    try:
        return str(json.loads(f'"{name}"'))
    except ValueError:
        return name


def _replace_all_values(text: str, replacement: Callable[[str], str]) -> str:
    """Replace each text in a JSON value; anything else is replaced as a whole."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return replacement("VAULT_BODY") if text else text
    if not isinstance(value, dict | list):
        return text
    marked = json.dumps(_mark_texts(value, depth=0), ensure_ascii=False)
    return marked.replace(MARK, replacement("VAULT_VALUE"))


def _mark_texts(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        return MARK
    if isinstance(value, dict):
        return {
            name: item if name in PLAIN_MEMBERS else _mark_texts(item, depth + 1)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_mark_texts(item, depth + 1) for item in value]
    return MARK if isinstance(value, str) and value else value
