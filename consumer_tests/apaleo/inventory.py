"""Units and folios."""

from __future__ import annotations

from consumer_tests.apaleo import contract, reservation_state
from consumer_tests.contract import get, no_content, ok, provider_state
from orchestrator.vendors.apaleo.models import FolioList, UnitPage

UNITS_QUERY = {"propertyId": "MUC", "unitGroupId": "MUC-DBL", "pageNumber": "1", "pageSize": "20"}

contract.add_interaction(
    "the units of a room type",
    given=provider_state("units to sell", available=2).providing(
        propertyId="MUC", unitGroupId="MUC-DBL", ratePlanId="MUC-FLEX_DBL"
    ),
    invoke=lambda apaleo: apaleo.api.list_units(property_id="MUC", unit_group_id="MUC-DBL"),
    request=get("/inventory/v1/units", UNITS_QUERY),
    response=ok(UnitPage, {"units": [{"id": "MUC-101", "name": "101"}], "count": 2}),
)
contract.add_interaction(
    "the units of a room type that has none",
    given=provider_state("units to sell", available=0),
    invoke=lambda apaleo: apaleo.api.list_units(property_id="MUC", unit_group_id="MUC-DBL"),
    request=get("/inventory/v1/units", UNITS_QUERY),
    response=no_content(),
    returns=UnitPage(units=[], count=0),
)
contract.add_interaction(
    "what a guest owes",
    given=reservation_state(),
    invoke=lambda apaleo: apaleo.api.list_folios("XPGMSXGF-1"),
    request=get("/finance/v1/folios", {"reservationIds": "XPGMSXGF-1"}),
    response=ok(FolioList, {"folios": [{"balance": {"amount": -240.0, "currency": "EUR"}}]}),
)
contract.add_interaction(
    "what a guest owes who does not exist",
    given=provider_state("no reservation"),
    invoke=lambda apaleo: apaleo.api.list_folios("NOPE-1"),
    request=get("/finance/v1/folios", {"reservationIds": "NOPE-1"}),
    response=no_content(),
    returns=FolioList(folios=[]),
)
