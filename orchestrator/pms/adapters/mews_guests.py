"""Guests' profiles at Mews: of a reservation, for a booking, and what is charged to them."""

from __future__ import annotations

import asyncio
from collections import Counter

from orchestrator.pms.adapters.mews_mapping import sum_charges, to_guest
from orchestrator.pms.models import Guest, Money
from orchestrator.vendors.mews import models
from orchestrator.vendors.mews.accounts import Profile
from orchestrator.vendors.mews.client import MewsClient


class MewsGuests:
    """The profiles of the chain.

    Args:
        client: the Mews client.
        region: the country of phone numbers without a country code, as ISO 3166-1 alpha-2.
    """

    def __init__(self, client: MewsClient, region: str) -> None:
        self._client = client
        self._region = region

    async def read(self, account_ids: set[str]) -> dict[str, Guest]:
        """Return the guests by the accounts that own reservations; an account that is a company is left out."""
        if not account_ids:
            return {}
        customers = await self._client.accounts.list_customers(sorted(account_ids))
        return {customer.id: to_guest(customer, self._region) for customer in customers}

    async def find_or_add(self, guest: Guest) -> str:
        """Return the id of the guest's profile, which a reservation must have.

        A profile with the same e-mail address, or else with the same last name and phone number, is that of the guest.
        After a booking whose response was lost, this also finds the profile that was added for it.
        """
        customers = await self._candidates(guest)
        return customers[0].id if customers else await self._add(guest)

    async def count_services(self, account_id: str) -> dict[str, int]:
        """Return how often each service was ordered, by `service/product`."""
        services: Counter[str] = Counter()
        for item in await self._client.accounts.list_product_orders(account_id):
            if item.accounting_state != "Canceled" and item.data and item.data.product:
                services[f"{item.service_id}/{item.data.product.product_id}"] += item.unit_count
        return dict(services)

    async def balance(self, account_id: str) -> Money | None:
        """Return what is open: charges and payments, which are negative; None if nothing is."""
        charges, payments = await asyncio.gather(
            self._client.accounts.list_open_charges(account_id),
            self._client.accounts.list_open_payments(account_id),
        )
        return sum_charges([*charges, *payments])

    async def _candidates(self, guest: Guest) -> list[models.Customer]:
        # compared here as well, because it is not documented how exactly Mews compares
        if guest.email:
            # two profiles cannot have the same address, so it decides alone
            return [
                customer
                for customer in await self._client.accounts.find_by_email(guest.email)
                if (customer.email or "").casefold() == guest.email.casefold()
            ]
        return [
            customer
            for customer in await self._client.accounts.find_by_last_name(guest.last_name)
            if customer.last_name.casefold() == guest.last_name.casefold()
            and self._has_phone(customer, guest)
        ]

    def _has_phone(self, customer: models.Customer, guest: Guest) -> bool:
        return guest.phone is not None and to_guest(customer, self._region).phone == guest.phone

    async def _add(self, guest: Guest) -> str:
        profile = Profile(
            last_name=guest.last_name, first_name=guest.first_name, email=guest.email, phone=guest.phone
        )
        return (await self._client.accounts.add_customer(profile)).id
