"""Masks credentials in what is recorded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from provider_verification.stubs.engine.masking import MASK, SECRET_HEADERS

MASKED_HEADERS = frozenset(SECRET_HEADERS) | {"set-cookie", "proxy-authorization", "x-vault-unwrap-token"}
SECRET_NAMES = frozenset({"authorization", "secretid", "unsealkey"})
"""Names of fields and parameters without their separators, in lower case."""

SECRET_ENDINGS = ("apikey", "password", "secret", "token")
POSITION_ENDINGS = ("pagetoken", "continuationtoken")
"""A place in a list, and no credential."""
KV_DATA_PATH = re.compile(r"/v1/(?:[^/]+/data/|sys/(?:init|unseal|rekey|generate-root))")
"""Vault's KV engine, and the keys of the server itself: every value is one."""

TEXT_PAIR = re.compile(r'("(?P<name>[^"\\]{1,80})"\s*:\s*)"(?:[^"\\]|\\.)*"?')
JWT = re.compile(r"(?<![A-Za-z0-9_-])ey[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
"""A token inside a text: LiveKit repeats one that it rejects."""
MAX_DEPTH = 100


def is_secret_name(name: str) -> bool:
    """Return whether a field or parameter of this name holds a credential."""
    plain = re.sub(r"[^a-z]", "", name.lower())
    return not plain.endswith(POSITION_ENDINGS) and (plain in SECRET_NAMES or plain.endswith(SECRET_ENDINGS))


def mask_pairs(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return parameters with credentials masked."""
    return [(name, MASK if is_secret_name(name) else value) for name, value in pairs]


def mask_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return headers with credentials masked."""
    return [(name, MASK if name.lower() in MASKED_HEADERS else value) for name, value in headers]


def mask_text(text: str, media_type: str, path: str = "") -> str:
    """Return a body with credentials masked.

    Args:
        text: the body.
        media_type: JSON and forms are masked by their fields, any other text by what looks like a member of JSON.
        path: the path of the request.
    """
    if media_type == "application/x-www-form-urlencoded":
        return urlencode(mask_pairs(parse_qsl(text, keep_blank_values=True)))
    hides_all = bool(KV_DATA_PATH.match(path))
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return MASK if hides_all else JWT.sub(MASK, TEXT_PAIR.sub(_mask_pair_of_text, text))
    if not isinstance(value, dict | list):
        return text
    return json.dumps(_mask_value(value, hides_all=hides_all, depth=0), ensure_ascii=False)


def _mask_pair_of_text(match: re.Match[str]) -> str:
    return f'{match[1]}"{MASK}"' if is_secret_name(match["name"]) else match[0]


def _mask_value(value: Any, *, hides_all: bool, depth: int) -> Any:
    if depth > MAX_DEPTH:
        return MASK
    if isinstance(value, dict):
        return {
            name: MASK
            if is_secret_name(name) and isinstance(item, str)
            else _mask_value(
                item, hides_all=hides_all and name not in {"metadata", "errors"}, depth=depth + 1
            )
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_mask_value(item, hides_all=hides_all, depth=depth + 1) for item in value]
    return MASK if hides_all and isinstance(value, str) and value else value
