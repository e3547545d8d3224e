"""Settings of webhooks, named as at the official broker."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPMethod

from broker.domain.webhook_rules import WebhookRules, parse_host_rule

METHODS = "PACT_BROKER_WEBHOOK_HTTP_METHOD_WHITELIST"
SCHEMES = "PACT_BROKER_WEBHOOK_SCHEME_WHITELIST"
HOSTS = "PACT_BROKER_WEBHOOK_HOST_WHITELIST"
RETRY_SCHEDULE = "PACT_BROKER_WEBHOOK_RETRY_SCHEDULE"
SUCCESS_CODES = "PACT_BROKER_WEBHOOK_HTTP_CODE_SUCCESS"

MAX_RETRIES = 20
MAX_RETRY_SECONDS = 86_400.0


class WebhookSettingsError(ValueError):
    """A setting is not valid; the message names it and what would be."""


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """How webhooks are sent.

    Attributes:
        rules: which requests are allowed.
        retry_seconds: the waits before the second and each further attempt.
        success_codes: the statuses that end the attempts.
    """

    rules: WebhookRules = field(default_factory=WebhookRules)
    retry_seconds: tuple[float, ...] = (10.0, 60.0, 120.0, 300.0, 600.0, 1200.0)
    success_codes: frozenset[int] = frozenset(range(200, 207))

    @property
    def max_attempts(self) -> int:
        """How often a request is sent at most."""
        return len(self.retry_seconds) + 1


def read_settings(environment: Mapping[str, str]) -> WebhookSettings:
    """Return the settings of environment variables, each a list with spaces between its values.

    Raises:
        WebhookSettingsError: A value is not valid.
    """
    default = WebhookSettings()
    methods = tuple(word.upper() for word in environment.get(METHODS, "").split())
    schemes = tuple(word.lower() for word in environment.get(SCHEMES, "").split())
    _check(METHODS, methods, set(HTTPMethod.__members__))
    _check(SCHEMES, schemes, {"http", "https"})
    try:
        hosts = tuple(parse_host_rule(word) for word in environment.get(HOSTS, "").split())
    except ValueError as error:
        raise WebhookSettingsError(f"{HOSTS}: {error}") from None
    rules = WebhookRules(methods or default.rules.methods, schemes or default.rules.schemes, hosts)
    codes = frozenset(_numbers(environment, SUCCESS_CODES, 100, 599, 500))
    retries = _numbers(environment, RETRY_SCHEDULE, 0, MAX_RETRY_SECONDS, MAX_RETRIES)
    return WebhookSettings(
        rules,
        retries or default.retry_seconds,
        frozenset(int(code) for code in codes) or default.success_codes,
    )


def _check(name: str, words: tuple[str, ...], allowed: set[str]) -> None:
    unknown = set(words) - allowed
    if unknown:
        raise WebhookSettingsError(
            f"{name}: {', '.join(sorted(unknown))} must be any of {', '.join(sorted(allowed))}"
        )


def _numbers(
    environment: Mapping[str, str], name: str, minimum: float, maximum: float, count: int
) -> tuple[float, ...]:
    words = environment.get(name, "").split()
    try:
        numbers = tuple(float(word) for word in words)
    except ValueError:
        numbers = (math.nan,)
    if len(numbers) > count or not all(minimum <= number <= maximum for number in numbers):
        raise WebhookSettingsError(
            f"{name} must be at most {count} numbers from {minimum:g} to {maximum:g} with spaces between them"
        )
    return numbers
