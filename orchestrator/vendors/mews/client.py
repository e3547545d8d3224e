"""The client of Mews's Connector API."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.mews.accounts import Accounts
from orchestrator.vendors.mews.connection import MewsConnection, MewsCredentials
from orchestrator.vendors.mews.hotel import Hotel
from orchestrator.vendors.mews.reservations import Reservations


class MewsClient:
    """The operations of the Connector API that the orchestrator uses.

    Args:
        base_url: the address of the platform.
        credentials: returns those that are valid now, which are sent in every body.
        http: the vendor's connection pool.
        policy: timeouts, retries and guard.

    Attributes:
        hotel: the hotel, its rooms, rates and availability.
        reservations: stays and their prices.
        accounts: guests' profiles and what is charged to them.
    """

    def __init__(
        self,
        *,
        base_url: str,
        credentials: Callable[[], MewsCredentials],
        http: httpx.AsyncClient,
        policy: CallPolicy,
    ) -> None:
        connection = MewsConnection(base_url=base_url, credentials=credentials, http=http, policy=policy)
        self.hotel = Hotel(connection)
        self.reservations = Reservations(connection)
        self.accounts = Accounts(connection)
