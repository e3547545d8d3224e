"""Apaleo's properties, unit groups and units."""

from __future__ import annotations

from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.apaleo import stub
from provider_verification.stubs.vendors.apaleo.filters import (
    contains_text,
    matches_filters,
    warn_of_unknown_values,
)
from provider_verification.stubs.vendors.apaleo.paging import page_response
from provider_verification.stubs.vendors.apaleo.state import (
    MAX_PERSONS,
    PROPERTY,
    UNIT_GROUP,
    UNIT_GROUP_TYPE,
    ApaleoState,
    unit_ref,
)

CREATED_AT = "2020-01-01T10:00:00+01:00"
LOCATION = {"addressLine1": "Example Street 1", "postalCode": "80331", "city": "Munich", "countryCode": "DE"}
COMPANY = {"companyName": "Example Hotels", "commercialRegisterEntry": "HRB 0", "taxId": "DE000000000"}
COUNTRY_CODES = ["AT", "CH", "DE", "FR", "GB", "IT", "NL", "US"]
CONDITION = "Clean"


@stub.operation("listProperties")
def list_properties(_state: ApaleoState, request: StubRequest) -> StubResponse:
    """The properties that pass every filter: the stub has one."""
    values = {
        "countryCode": LOCATION["countryCode"],
        "status": "Live",
        "includeArchived": frozenset({True, False}),
    }
    properties = [{**_property(), **COMPANY}] if matches_filters(request.query, values) else []
    return page_response(request, "properties", properties)


@stub.operation("countProperties")
def count_properties(_state: ApaleoState, _request: StubRequest) -> StubResponse:
    """The number of properties."""
    return ok({"count": 1})


@stub.operation("getProperty")
def get_property(_state: ApaleoState, request: StubRequest) -> StubResponse:
    """One property."""
    if request.path_params["id"] != PROPERTY["id"]:
        return StubResponse(404)
    # Apaleo's inventory spec: names are maps by language here, and strings in the list.
    details = {
        **COMPANY,
        "name": in_languages(request, {"en": PROPERTY["name"], "de": PROPERTY["name"]}),
        "paymentTerms": in_languages(request, {"en": "On departure", "de": "Bei Abreise"}),
    }
    return ok({**_property(), **details})


@stub.operation("hasProperty")
def has_property(_state: ApaleoState, request: StubRequest) -> StubResponse:
    """Whether a property exists."""
    return StubResponse(200 if request.path_params["id"] == PROPERTY["id"] else 404)


@stub.operation("listCountries")
def list_countries(_state: ApaleoState, _request: StubRequest) -> StubResponse:
    """Codes of countries; Apaleo knows all of ISO 3166, the stub some."""
    return ok({"countryCodes": COUNTRY_CODES})


@stub.operation("listUnitGroups")
def list_unit_groups(state: ApaleoState, request: StubRequest) -> StubResponse:
    """The unit groups that pass every filter: the stub has one."""
    expand = request.query.get("expand", [])
    unit_group = {
        **UNIT_GROUP,
        "type": UNIT_GROUP_TYPE,
        "memberCount": state.units,
        "maxPersons": MAX_PERSONS,
        "property": PROPERTY if "property" in expand else {"id": PROPERTY["id"]},
    }
    values = {"propertyId": PROPERTY["id"], "unitGroupTypes": UNIT_GROUP_TYPE}
    response = page_response(
        request, "unitGroups", [unit_group] if matches_filters(request.query, values) else []
    )
    return warn_of_unknown_values(response, request, "expand", ("property", "connectedUnitGroups"))


@stub.operation("listUnits")
def list_units(state: ApaleoState, request: StubRequest) -> StubResponse:
    """The units that pass every filter; all belong to one unit group."""
    occupied = {item.unit for item in state.reservations.values() if item.status == "InHouse"}
    units = [unit for unit in state.unit_ids if _matches(unit, request, is_occupied=unit in occupied)]
    expand = request.query.get("expand", [])
    response = page_response(
        request, "units", units, lambda unit: _unit(unit, expand, is_occupied=unit in occupied)
    )
    return warn_of_unknown_values(response, request, "expand", ("property", "unitGroup", "connectedUnits"))


def _matches(unit: str, request: StubRequest, *, is_occupied: bool) -> bool:
    values = {
        "propertyId": PROPERTY["id"],
        "unitGroupId": UNIT_GROUP["id"],
        "unitGroupIds": UNIT_GROUP["id"],
        "isOccupied": is_occupied,
        "condition": CONDITION,
        # The stub has no maintenance and no attributes of units.
        "maintenanceType": None,
        "unitAttributeIds": None,
    }
    return matches_filters(request.query, values) and contains_text(request.query, (unit_ref(unit)["name"],))


def _unit(unit: str, expand: list[str], *, is_occupied: bool) -> dict[str, Any]:
    return {
        **unit_ref(unit),
        "description": "A room",
        "property": PROPERTY if "property" in expand else {"id": PROPERTY["id"]},
        "unitGroup": UNIT_GROUP if "unitGroup" in expand else {"id": UNIT_GROUP["id"]},
        "status": {"isOccupied": is_occupied, "condition": CONDITION},
        "maxPersons": MAX_PERSONS,
        "created": CREATED_AT,
    }


def in_languages(request: StubRequest, texts: dict[str, str]) -> dict[str, str]:
    """Return the texts in the `languages` of the query; `all` and an absent parameter stand for all of them."""
    languages = request.query.get("languages", ["all"])
    return texts if "all" in languages else {name: text for name, text in texts.items() if name in languages}


def _property() -> dict[str, Any]:
    """The fields of a property in the list and by id. Status and isArchived are newer than Apaleo's spec of 2021."""
    return {
        "id": PROPERTY["id"],
        "code": PROPERTY["code"],
        "name": PROPERTY["name"],
        "timeZone": "Europe/Berlin",
        "currencyCode": "EUR",
        "created": CREATED_AT,
        "isTemplate": False,
        "status": "Live",
        "isArchived": False,
        "location": LOCATION,
    }
