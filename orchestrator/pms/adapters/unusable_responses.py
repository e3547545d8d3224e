"""Responses of a PMS that match its contract and still cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from orchestrator.observability import logging
from orchestrator.pms.errors import PmsUnavailableError


@contextmanager
def reject_unusable_responses() -> Iterator[None]:
    """Treat a value that cannot be converted as a failure of the PMS: the call continues without it.

    Raises:
        PmsUnavailableError: the block raised an error of a conversion, such as pydantic's ValidationError.
    """
    try:
        yield
    # OSError: ZoneInfo reads a file by the name of the time zone
    except (ValueError, LookupError, ArithmeticError, OSError) as error:
        logging.exception("pms_response_unusable", error)
        raise PmsUnavailableError("unusable_response") from error
