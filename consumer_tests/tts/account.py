"""The account: how much of its plan is used."""

from __future__ import annotations

from consumer_tests.contract import expected_error, get, ok, provider_state
from consumer_tests.tts import business_error, contract
from orchestrator.vendors.errors import VendorUnavailable
from orchestrator.vendors.tts.models import Subscription

SUBSCRIPTION = {"character_count": 0, "character_limit": 100000}

contract.add_interaction(
    "the plan",
    invoke=lambda tts: tts.get_subscription(),
    request=get("/v1/user/subscription"),
    response=ok(Subscription, SUBSCRIPTION),
)
contract.add_interaction(
    "the plan while the vendor is down",
    given=provider_state("the vendor is down"),
    invoke=lambda tts: tts.get_subscription(),
    request=get("/v1/user/subscription"),
    response=business_error(503, "internal_error"),
    raises=expected_error(VendorUnavailable, status=503),
)
