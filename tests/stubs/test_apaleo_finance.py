"""Payments on folios of Apaleo's stub, and its token endpoint."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from provider_verification.stubs.vendors.apaleo.state import CLIENT_ID, CLIENT_SECRET
from tests.stubs.apaleo_calls import ids
from tests.stubs.stub_calls import violations

FOLIO = "/finance/v1/folios/XPGMSXGF-1-1"
EUR_50 = {"amount": 50.0, "currency": "EUR"}


def test_payments_and_refunds_change_the_balance(guests: httpx.Client) -> None:
    """A payment reduces what the guest owes, on the folio and on the reservation; a refund takes it back."""
    payment = guests.post(f"{FOLIO}/payments", json={"method": "Cash", "amount": EUR_50, "receipt": "7"})
    captured = {"transactionReference": "T1", "referenceType": "PspReference", "amount": EUR_50}
    guests.post(f"{FOLIO}/payments/by-authorization", json=captured).raise_for_status()
    refund = guests.post(
        f"{FOLIO}/refunds", json={"method": "Cash", "amount": {"amount": 30.5, "currency": "EUR"}}
    )

    folio = guests.get(f"{FOLIO}?expand=payments").json()
    reservation = guests.get("/booking/v1/reservations/XPGMSXGF-1").json()

    assert (payment.status_code, refund.status_code) == (201, 201)
    assert folio["balance"] == reservation["balance"] == {"amount": -170.5, "currency": "EUR"}
    assert len(folio["payments"]) == 3
    assert guests.get(payment.headers["Location"]).json()["receipt"] == "7"
    assert guests.get(refund.headers["Location"]).json()["amount"]["amount"] == 30.5
    assert ids(guests.get(f"{FOLIO}/payments?pageSize=1"), "payments") == ["XPGMSXGF-1-1-P2"]
    assert ids(guests.get(f"{FOLIO}/refunds?statusCodes=Success"), "refunds") == [refund.json()["id"]]
    assert ids(guests.get(f"{FOLIO}/refunds?statusCodes=Pending"), "refunds") == []


@pytest.mark.parametrize(
    ("value", "status"), [("payments,company", 200), ("charges", 501), ("nonsense", 200)]
)
def test_expansion_of_a_folio_is_given_missing_or_ignored(
    guests: httpx.Client, value: str, status: int
) -> None:
    """What Apaleo has and the stub lacks is 501; what Apaleo does not know is a warning."""
    assert guests.get(f"{FOLIO}?expand={value}").status_code == status
    assert violations(guests, "warning") == (["query.expand"] if value == "nonsense" else [])


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"{FOLIO}/payments", {"amount": EUR_50}, 422),
        (f"{FOLIO}/payments", {"method": "Cash", "amount": {"amount": -1, "currency": "EUR"}}, 422),
        (f"{FOLIO}/payments", {"method": "Cash", "amount": {"amount": 1, "currency": "USD"}}, 422),
        (f"{FOLIO}/payments", {"method": "Cash", "amount": EUR_50, "paidCharges": [{"chargeId": "X"}]}, 422),
        (f"{FOLIO}/refunds", {"method": "Cash", "amount": EUR_50}, 422),
        (f"{FOLIO}/payments/X/refunds", {"amount": EUR_50}, 404),
        ("/finance/v1/folios/NOPE-1-1/payments", {"method": "Cash", "amount": EUR_50}, 404),
    ],
)
def test_payment_is_checked(guests: httpx.Client, path: str, body: Any, status: int) -> None:
    """Method, currency, charge, folio and what can be refunded; nothing is recorded otherwise."""
    assert guests.post(path, json=body).status_code == status
    assert guests.get(f"{FOLIO}").json()["balance"]["amount"] == -240.0


def test_refund_of_a_payment_is_at_most_the_payment(guests: httpx.Client) -> None:
    """One payment cannot be refunded from another, nor twice."""
    small = {"method": "Cash", "amount": {"amount": 10, "currency": "EUR"}}
    first = guests.post(f"{FOLIO}/payments", json=small).json()["id"]
    guests.post(f"{FOLIO}/payments", json={"method": "Cash", "amount": EUR_50})

    too_large = guests.post(f"{FOLIO}/payments/{first}/refunds", json={"amount": EUR_50})
    fitting = guests.post(f"{FOLIO}/payments/{first}/refunds", json={"amount": small["amount"]})
    again = guests.post(f"{FOLIO}/payments/{first}/refunds", json={"amount": small["amount"]})

    assert [response.status_code for response in (too_large, fitting, again)] == [422, 201, 422]


def test_event_names_application_and_user(apaleo: httpx.Client) -> None:
    """Apaleo's own health check has neither."""
    messages = [
        apaleo.post("/_stub/messages", json={"description": description}).json()
        for description in ("a reservation was amended", "Apaleo asks whether the endpoint answers")
    ]

    assert [(message.get("clientId"), message.get("subjectId")) for message in messages] == [
        (CLIENT_ID, "stub-user"),
        (None, None),
    ]


def test_payment_with_a_key_is_made_once(guests: httpx.Client) -> None:
    """The first response again for the same request, 422 for another one."""
    key = {"Idempotency-Key": "payment-1"}
    body = {"method": "Cash", "amount": EUR_50}

    responses = [guests.post(f"{FOLIO}/payments", json=body, headers=key) for _ in range(2)]
    other = guests.post(f"{FOLIO}/refunds", json=body, headers=key)

    assert responses[0].json() == responses[1].json()
    assert other.status_code == 422
    assert guests.get(FOLIO).json()["balance"]["amount"] == -190.0


@pytest.mark.parametrize(
    ("body", "auth", "status", "error"),
    [
        ({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}, None, 200, None),
        ({}, (CLIENT_ID, CLIENT_SECRET), 200, None),
        ({"client_id": CLIENT_ID, "client_secret": "wrong"}, None, 400, "invalid_client"),
        (
            {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
            (CLIENT_ID, "wrong"),
            400,
            "invalid_client",
        ),
        ({"client_id": CLIENT_ID}, None, 400, "invalid_client"),
        ({"scope": "nonsense"}, (CLIENT_ID, CLIENT_SECRET), 400, "invalid_scope"),
        ({"grant_type": "password"}, (CLIENT_ID, CLIENT_SECRET), 400, "unsupported_grant_type"),
    ],
)
def test_token_is_issued_for_credentials_in_the_body_or_the_header(
    apaleo: httpx.Client, body: dict[str, str], auth: Any, status: int, error: str | None
) -> None:
    """The header counts if both are there."""
    del apaleo.headers["Authorization"]
    form = {"grant_type": "client_credentials", **body}

    response = apaleo.post("/connect/token", data=form, auth=auth)

    assert (response.status_code, response.json().get("error")) == (status, error)
