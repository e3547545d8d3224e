"""What the models of all vendors share: their base class, and how JSON is parsed into them."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from orchestrator.vendors.errors import InvalidVendorResponse

VendorId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:\-]{0,63}$")]
"""An id of a vendor, which the database can store, and which cannot leave the path of a URL."""
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""A currency, as ISO 4217."""
Amount = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
"""An amount of money in major units, within the range that can be calculated with and spoken."""
Count = Annotated[int, Field(ge=-(10**9), le=10**9)]
"""A number of things, within the range that can be calculated with. Overbooked rooms are negative."""
T = TypeVar("T")
_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


class ResponseModel(BaseModel):
    """A part of a vendor's response, with exactly the fields that the orchestrator reads."""

    model_config = ConfigDict(frozen=True)


def parse_json(
    model: type[T], body: bytes | str, *, vendor: str, operation: str, status: int | None = None
) -> T:
    """Parse a JSON document into a model, or a list of one.

    Raises:
        InvalidVendorResponse: with the paths of the invalid fields, without their values.
    """
    try:
        return _adapter(model).validate_json(body)
    except ValidationError as error:
        fields = tuple(".".join(map(str, issue["loc"])) or "body" for issue in error.errors())
        # without the cause, because pydantic's text repeats the values
        raise InvalidVendorResponse(vendor, operation, status=status, fields=fields) from None


def _adapter(model: type[T]) -> TypeAdapter[T]:
    # building one takes longer than most responses take to parse
    if model not in _ADAPTERS:
        _ADAPTERS[model] = TypeAdapter(model)
    return _ADAPTERS[model]
