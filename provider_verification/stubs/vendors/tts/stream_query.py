"""The query of the TTS vendor's WebSocket."""

from __future__ import annotations

import re

from provider_verification.stubs.sdk import WebSocketSession
from provider_verification.stubs.vendors.tts.hooks import TtsRejection, error_detail
from provider_verification.stubs.vendors.tts.models import find_model
from provider_verification.stubs.vendors.tts.speech import check_output_format
from provider_verification.stubs.vendors.tts.state import DEFAULT_FORMAT, DEFAULT_MODEL

DEFAULT_INACTIVITY_TIMEOUT_SECONDS, MAX_INACTIVITY_TIMEOUT_SECONDS = 20, 180
INTEGER_PATTERN = re.compile(r"[0-9]{1,10}")
MAX_SEED = 4_294_967_295
TRUE_VALUES = frozenset({"1", "true", "t", "yes", "y", "on"})
BOOLEAN_VALUES = TRUE_VALUES | {"0", "false", "f", "no", "n", "off"}
"""What pydantic, the vendor's parser, reads as a boolean."""

BOOLEANS = ("enable_logging", "enable_ssml_parsing", "sync_alignment", "auto_mode")
NORMALIZATIONS = frozenset({"auto", "on", "off"})
PARAMETERS = frozenset(
    {"model_id", "language_code", "output_format", "inactivity_timeout", *BOOLEANS}
    | {"apply_text_normalization", "seed", "optimize_streaming_latency"}
)
"""Those that the stub models; a bearer token and a single-use token are not."""


def check_query(session: WebSocketSession) -> int:
    """Check the query and return the inactivity timeout in seconds.

    UNCONFIRMED: that errors of format and model have the names of HTTP, and that the other parameters are
    `invalid_parameters`, which is in the vendor's page on errors.

    Raises:
        TtsRejection: a parameter has a value that the vendor does not have.
    """
    query = session.query
    check_output_format(query.get("output_format", DEFAULT_FORMAT))
    model = find_model(query.get("model_id", DEFAULT_MODEL), ("query", "model_id"))
    if query.get("language_code") and not model.takes_language:
        raise _rejection("language_code", "belong to a model that takes a language", "unsupported_language")
    for name in BOOLEANS:
        if query.get(name, "true").lower() not in BOOLEAN_VALUES:
            raise _rejection(name, "be true or false")
    if query.get("apply_text_normalization", "auto") not in NORMALIZATIONS:
        raise _rejection("apply_text_normalization", "be auto, on or off")
    if not _is_integer(query.get("seed", "0"), MAX_SEED):
        raise _rejection("seed", f"be an integer from 0 to {MAX_SEED}")
    timeout = query.get("inactivity_timeout", str(DEFAULT_INACTIVITY_TIMEOUT_SECONDS))
    if not _is_integer(timeout, MAX_INACTIVITY_TIMEOUT_SECONDS):
        raise _rejection("inactivity_timeout", f"be at most {MAX_INACTIVITY_TIMEOUT_SECONDS} seconds")
    return int(timeout)


def _is_integer(text: str, maximum: int) -> bool:
    return bool(INTEGER_PATTERN.fullmatch(text)) and int(text) <= maximum


def _rejection(name: str, requirement: str, code: str = "invalid_parameters") -> TtsRejection:
    detail = error_detail("validation_error", code, code, f"{name} should {requirement}", name)
    return TtsRejection(400, detail, ("query", name))
