"""What the models of all vendors share: their base class, and how JSON is parsed into them."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from orchestrator.vendors.errors import InvalidVendorResponse

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
