"""The network of integrations as a drawing: consumers on the left, providers on the right, by depth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

BOX_WIDTH, BOX_HEIGHT = 190, 34
COLUMN_WIDTH, ROW_HEIGHT = 290, 54
MARGIN = 10
MAX_NAME_LENGTH = 22


@dataclass(frozen=True, slots=True)
class Integration:
    """A consumer and a provider, and whether their latest pact is verified (None: there is no result)."""

    consumer: str
    provider: str
    success: bool | None


@dataclass(frozen=True, slots=True)
class Box:
    """A pacticipant with its left upper corner in pixels."""

    name: str
    shown_name: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Line:
    """An integration from the right side of the consumer's box to the left side of the provider's."""

    integration: Integration
    path: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes and lines, and the size of both together in pixels."""

    boxes: Sequence[Box]
    lines: Sequence[Line]
    width: int
    height: int


def draw_network(integrations: Sequence[Integration]) -> Drawing:
    """Return the drawing of a network; a pacticipant is to the right of its consumers, except in a cycle."""
    depths = _depths(integrations)
    columns: defaultdict[int, list[str]] = defaultdict(list)
    for name in sorted(depths, key=str.lower):
        columns[depths[name]].append(name)
    # every second column is half a row lower, so that a long line is beside a box, not behind it
    boxes = {
        name: Box(
            name,
            _shorten(name),
            MARGIN + depth * COLUMN_WIDTH,
            MARGIN + row * ROW_HEIGHT + depth % 2 * ROW_HEIGHT // 2,
        )
        for depth, names in sorted(columns.items())
        for row, name in enumerate(names)
    }
    height = max((len(names) for names in columns.values()), default=0)
    return Drawing(
        boxes=list(boxes.values()),
        lines=[Line(item, _path(boxes[item.consumer], boxes[item.provider])) for item in integrations],
        width=2 * MARGIN + max(columns, default=0) * COLUMN_WIDTH + BOX_WIDTH,
        height=2 * MARGIN + height * ROW_HEIGHT + ROW_HEIGHT // 2,
    )


def _depths(integrations: Iterable[Integration]) -> Mapping[str, int]:
    """Return the longest way from a pacticipant without consumers to each, which a cycle must not lengthen for ever."""
    pairs = [(item.consumer, item.provider) for item in integrations]
    names = {name for pair in pairs for name in pair}
    depths = dict.fromkeys(names, 0)
    for _ in range(len(names)):
        changed = False
        for consumer, provider in pairs:
            depth = depths[consumer] + 1
            if depths[provider] < depth < len(names):
                depths[provider], changed = depth, True
        if not changed:
            break
    # without gaps, which a cycle leaves
    ranks = {depth: rank for rank, depth in enumerate(sorted(set(depths.values())))}
    return {name: ranks[depth] for name, depth in depths.items()}


def _path(consumer: Box, provider: Box) -> str:
    start_x, start_y = consumer.x + BOX_WIDTH, consumer.y + BOX_HEIGHT // 2
    end_x, end_y = provider.x, provider.y + BOX_HEIGHT // 2
    bend = 60
    return f"M{start_x} {start_y}C{start_x + bend} {start_y} {end_x - bend} {end_y} {end_x} {end_y}"


def _shorten(name: str) -> str:
    return name if len(name) <= MAX_NAME_LENGTH else f"{name[: MAX_NAME_LENGTH - 1]}…"
