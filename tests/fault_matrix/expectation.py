"""What a client must do under a fault, derived from the fault, from the undisturbed call and from the vendor's behaviour."""

from __future__ import annotations

import re
from dataclasses import dataclass

from consumer_tests.interaction import HttpInteraction
from fault_injection.catalogue import Fault, Group, Target
from fault_injection.proxy import SLICES, Toxic
from tests.fault_matrix.client_runner import POLICY, Call

INVALID, TIMEOUT = "InvalidVendorResponse", "VendorTimeout"
OUTAGES = frozenset({"VendorTimeout", "VendorUnavailable"})
READ_PATH = re.compile(r"/(get|list)[^/]*(/|$)", re.IGNORECASE)
RENEWABLE_TOKEN_VENDORS = frozenset({"apaleo"})
"""Vendors whose client requests a new access token after a 401. LiveKit's tokens are signed anew for each request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An interaction without a fault.

    Attributes:
        interaction: the interaction.
        operation: the client's operation, as its metrics and logs name it.
        baseline: the undisturbed call.
        idempotent: whether the client repeats the request after an outage.
        repeatable: whether the vendor's state is the same after the request and after its repetition.
        streams: whether the client passes the body on as it arrives, after the deadline too.
        accepted_statuses: statuses of the operation that are results, not errors.
    """

    interaction: HttpInteraction
    operation: str
    baseline: Call
    idempotent: bool
    repeatable: bool
    streams: bool
    accepted_statuses: frozenset[int]

    def is_applicable(self, fault: Fault) -> bool:
        """Return whether the fault can happen to this interaction."""
        if fault.target is Target.SIGNED_TOKEN:
            return self.signs_token
        response = self.baseline.exchanges[-1].response
        assert response is not None
        if fault.target is Target.BODY:
            return len(response.body) > 1 and _outlasts_deadline(fault, response.body)
        if fault.target is Target.JSON:
            # a stream of JSON lines is not one document
            streamed = response.header("transfer-encoding") is not None
            return not streamed and (response.header("content-type") or "").startswith("application/json")
        if fault.target is Target.AUTHENTICATED:
            credential = self.interaction.credential
            return credential is not None and credential.state is not None
        if fault.group is Group.TIME and getattr(self.baseline.outcome, "retry_after", None):
            # whether the delay that the vendor asks for still fits depends on how long the response takes
            return fault.raises is not None
        return fault.target is Target.REQUEST

    @property
    def is_read(self) -> bool:
        """Whether the request only reads: by its method, or by the name of the operation if every one is a POST."""
        request = self.interaction.request
        return request.method in {"GET", "LIST"} or READ_PATH.search(request.path) is not None

    @property
    def signs_token(self) -> bool:
        """Whether the client signs the request's token itself, with its own clock."""
        credential = self.interaction.credential
        return credential is not None and credential.state is not None and credential.verify is not None

    @property
    def renews_token(self) -> bool:
        """Whether the client requests a new access token after a 401."""
        credential = self.interaction.credential
        bearer = credential is not None and credential.example.startswith("Bearer")
        return bearer and self.interaction.vendor in RENEWABLE_TOKEN_VENDORS

    @property
    def reads_json(self) -> bool:
        """Whether the client parses the body of this interaction's success."""
        return self.baseline.error is None and self.interaction.response.model is not None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a client must do.

    Attributes:
        error: the class of the error; None for the result of the undisturbed call.
        attempts: the number of attempts.
    """

    error: str | None
    attempts: int


def expectation(subject: Subject, fault: Fault) -> Expectation:
    """Return what the client must do under the fault."""
    baseline = Expectation(subject.baseline.error, len(subject.baseline.attempts))
    if fault.group is Group.FLAPPING:
        return _expect_recovery(subject, fault, baseline)
    if fault.group is Group.CREDENTIALS:
        return _expect_rejected_credential(subject, fault, baseline)
    if fault.raises is None or (fault.target is Target.JSON and not subject.reads_json):
        return baseline
    if fault.status in subject.accepted_statuses:
        return Expectation(INVALID, 1)
    if fault.raises == TIMEOUT:
        return _expect_timeout(subject, fault, baseline)
    # a body that is not valid is not repeated either
    repeated = fault.retried and subject.idempotent
    return Expectation(fault.raises, POLICY.max_attempts if repeated else 1)


def _outlasts_deadline(fault: Fault, body: bytes) -> bool:
    """Return whether a body is long enough to drip until after the deadline; any body is for another fault."""
    toxic = fault.injection
    if not isinstance(toxic, Toxic) or toxic.name != "slicer_in_body":
        return True
    return min(SLICES, len(body)) * toxic.seconds > POLICY.total_timeout


def _expect_recovery(subject: Subject, fault: Fault, baseline: Expectation) -> Expectation:
    assert fault.times is not None
    if fault.status in subject.accepted_statuses:
        return Expectation(INVALID, 1)
    if not subject.idempotent:
        return Expectation(fault.raises, 1)
    # a request with a new token is a call of its own, after the fault
    renewals = len(subject.baseline.events) - 1
    attempts = min(POLICY.max_attempts, fault.times + baseline.attempts - renewals)
    return Expectation(baseline.error, attempts + renewals)


def _expect_rejected_credential(subject: Subject, fault: Fault, baseline: Expectation) -> Expectation:
    if not subject.renews_token:
        return Expectation(fault.raises, 1)
    if fault.times:
        return Expectation(baseline.error, fault.times + baseline.attempts)
    return Expectation(fault.raises, 2)


def _expect_timeout(subject: Subject, fault: Fault, baseline: Expectation) -> Expectation:
    if subject.streams and fault.name in {"slicer_beyond_deadline", "chunked_dribble_delay"}:
        # the deadline ends with the headers, because a long text is spoken for longer
        return baseline
    # a second attempt starts after the first one's timeout, and the deadline ends it
    return Expectation(TIMEOUT, 2 if fault.retried and subject.idempotent else 1)
