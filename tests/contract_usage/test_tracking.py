"""Tracked models: reads by name are reported, everything that pydantic does itself is not."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from contract_usage.tracking import Node, instrument, track


class Base(BaseModel):
    """The common base, which is instrumented."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class Unit(Base):
    """A nested model."""

    name: str | None = None


class Stay(Base):
    """A model with aliases, a list and mappings."""

    id: str
    unit_group: Unit
    from_: int = Field(alias="from")
    nights: list[Unit]
    attributes: dict[str, str] = Field(default_factory=dict)
    versions: dict[str, Unit] = Field(default_factory=dict)


class LongStay(Stay):
    """A subclass with a field of its own."""

    discount: int = 0


instrument(Base)
BODY = {
    "id": "S1",
    "unitGroup": {"name": "Double"},
    "from": 1,
    "nights": [{"name": "101"}, {}],
    "attributes": {"sip.phoneNumber": "+49", "language": "de"},
    "versions": {"1": {"name": "first"}},
}


@pytest.fixture
def read() -> list[str]:
    """The paths that were read."""
    return []


@pytest.fixture
def stay(read: list[str]) -> LongStay:
    """A tracked model."""
    stay: LongStay = track(LongStay.model_validate(BODY), Node(read.append))
    return stay


def test_parsing(stay: LongStay, read: list[str]) -> None:
    """Neither parsing nor tracking reads a field."""
    assert stay is not None
    assert read == []


def test_field_names(stay: LongStay, read: list[str]) -> None:
    """The path has the names that the vendor writes."""
    assert (stay.id, stay.unit_group.name, stay.from_) == ("S1", "Double", 1)
    assert read == ["$.id", "$.unitGroup", "$.unitGroup.name", "$.from"]


def test_absent_field(stay: LongStay, read: list[str]) -> None:
    """A field that the response lacks is read all the same."""
    assert stay.discount == 0
    assert read == ["$.discount"]


def test_list(stay: LongStay, read: list[str]) -> None:
    """All elements of a list have one path."""
    assert [night.name for night in stay.nights] == ["101", None]
    assert read == ["$.nights", "$.nights[*].name"]


@pytest.mark.parametrize("use", [repr, hash, BaseModel.model_dump, BaseModel.model_dump_json, Stay.__eq__])
def test_whole_object(stay: LongStay, read: list[str], use: Any) -> None:
    """What pydantic does with a whole object is no read."""
    if use is hash:
        use = Unit.__hash__
        use(stay.__dict__["unit_group"])
    elif use is Stay.__eq__:
        assert stay == LongStay.model_validate(BODY)
    else:
        use(stay)
    assert read == []


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        (lambda attributes: attributes.get("sip.phoneNumber"), "$.attributes['sip.phoneNumber']"),
        (lambda attributes: attributes["language"], "$.attributes.language"),
        (lambda attributes: "absent" in attributes, "$.attributes.absent"),
        (list, "$.attributes.*"),
        (dict, "$.attributes.*"),
        (lambda attributes: {**attributes}, "$.attributes.*"),
        (lambda attributes: list(attributes.values()), "$.attributes.*"),
        (lambda attributes: list(attributes.items()), "$.attributes.*"),
    ],
)
def test_mapping(stay: LongStay, read: list[str], use: Any, expected: str) -> None:
    """A key is read by its name, all keys by iterating."""
    attributes = stay.attributes
    read.clear()
    use(attributes)
    assert expected in read


def test_model_in_mapping(stay: LongStay, read: list[str]) -> None:
    """Models in a mapping are tracked."""
    assert stay.versions["1"].name == "first"
    assert read[-1] == "$.versions['1'].name"


def test_mapping_as_body(read: list[str]) -> None:
    """A body that is parsed into a mapping is replaced by one that reports."""
    assert track({"detail": "x"}, Node(read.append))["detail"] == "x"
    assert read == ["$.detail"]


def test_untracked_object(read: list[str]) -> None:
    """An object that was parsed elsewhere reports nothing."""
    other = LongStay.model_validate(BODY)
    assert (other.id, other.unit_group.name) == ("S1", "Double")
    assert read == []


def test_copy(stay: LongStay, read: list[str]) -> None:
    """A copy of a model is read like the model."""
    copy = stay.model_copy(deep=True)

    assert (copy, copy.unit_group.name) == (stay, "Double")
    # copying a mapping reads it
    assert read[-2:] == ["$.unitGroup", "$.unitGroup.name"]


def test_repeated_read(read: list[str]) -> None:
    """A field is reported once, however many bodies of the exchange are read."""
    node = Node(read.append)
    for _ in range(2):
        stay = track(LongStay.model_validate(BODY), node)
        assert stay.attributes["language"] == "de"
    assert read == ["$.attributes", "$.attributes.language"]


def test_exchanges_apart(read: list[str]) -> None:
    """What was read of one exchange does not count for another."""
    for _ in range(2):
        assert track(LongStay.model_validate(BODY), Node(read.append)).id == "S1"
    assert read == ["$.id", "$.id"]
