"""Tracked models: reads by name are reported, everything that pydantic does itself is not."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from contract_usage.tracking import Node, TrackedHeaders, instrument, track
from contract_usage.uses import Use


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


Report = tuple[str, Use]
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
def node(read: list[str]) -> Node:
    """The root of the bodies whose reads are noted."""
    return node_of(read)


def node_of(read: list[str]) -> Node:
    """Return a node that notes what is read, and not what parsing requires."""
    return Node(lambda path, use: None if use is Use.REQUIRED else read.append(path))


@pytest.fixture
def reports() -> list[Report]:
    """The paths, and how they were used."""
    return []


@pytest.fixture
def stay(node: Node) -> LongStay:
    """A tracked model."""
    stay: LongStay = track(LongStay.model_validate(BODY), node)
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


def test_mapping_as_body(node: Node, read: list[str]) -> None:
    """A body that is parsed into a mapping is replaced by one that reports."""
    assert track({"detail": "x"}, node)["detail"] == "x"
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


def test_repeated_read(node: Node, read: list[str]) -> None:
    """A field is reported once, however many bodies of the exchange are read."""
    for _ in range(2):
        stay = track(LongStay.model_validate(BODY), node)
        assert stay.attributes["language"] == "de"
    assert read == ["$.attributes", "$.attributes.language"]


def test_nodes_apart(read: list[str]) -> None:
    """What was read of one exchange does not count for another."""
    for _ in range(2):
        assert track(LongStay.model_validate(BODY), node_of(read)).id == "S1"
    assert read == ["$.id", "$.id"]


@pytest.mark.parametrize(
    ("change", "use"),
    [({"discount": 5}, Use.READ), ({}, Use.ASKED), ({"discount": 0}, Use.ASKED)],
    ids=["sent", "absent", "default"],
)
def test_value_of_a_field(reports: list[Report], change: dict[str, Any], use: Use) -> None:
    """A field that is sent with its default has no value, as one that is absent: the code cannot tell them apart."""
    stay = track(LongStay.model_validate(BODY | change), Node(lambda *report: reports.append(report)))
    reports.clear()

    assert stay.discount == change.get("discount", 0)

    assert reports == [("$.discount", use)]


def test_value_after_none(reports: list[Report]) -> None:
    """A field is reported once more when it has a value for the first time, and no more after that."""
    node = Node(lambda *report: reports.append(report))

    names = [track(Unit(name=name), node).name for name in (None, None, "101", None, "102")]

    assert names == [None, None, "101", None, "102"]
    assert reports == [("$.name", Use.ASKED), ("$.name", Use.READ)]


@pytest.mark.parametrize(
    ("read", "report"),
    [
        (lambda attributes: attributes["language"], ("$.language", Use.READ)),
        (lambda attributes: attributes.get("absent"), ("$.absent", Use.ASKED)),
        (lambda attributes: attributes.get("null"), ("$.null", Use.ASKED)),
        (lambda attributes: "language" in attributes, ("$.language", Use.READ)),
        (list, ("$.*", Use.READ)),
    ],
)
def test_value_of_a_key(reports: list[Report], read: Any, report: Report) -> None:
    """A key that is absent or null has no value."""
    read(track({"language": "de", "null": None}, Node(lambda *report: reports.append(report))))

    assert reports[0] == report


def test_required_fields(reports: list[Report]) -> None:
    """They are reported when a model is parsed for the first time: without them it cannot be."""
    node = Node(lambda *report: reports.append(report))

    for _ in range(2):
        track(LongStay.model_validate(BODY), node)

    assert reports == [(f"$.{name}", Use.REQUIRED) for name in ("id", "unitGroup", "from", "nights")]


def test_headers(reports: list[Report]) -> None:
    """A header is read by its name in any case, and has a value if the response has it."""
    headers = TrackedHeaders(httpx.Headers({"Retry-After": "3"}), lambda *report: reports.append(report))

    assert (headers.get("retry-after"), headers.get("ETag")) == ("3", None)

    assert reports == [("header retry-after", Use.READ), ("header etag", Use.ASKED)]
