"""A list of rows that are read when they are needed: a page of a long list costs as much as one of a short list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

from broker.database import Database, Row


class RowList(Sequence[Row]):
    """The rows of a query.

    Args:
        db: the database.
        select: the columns and tables, of which the conditions name the first one only.
        condition: the condition after WHERE.
        order: the order, by which pages are cut.
        values: those of the placeholders.
    """

    def __init__(self, db: Database, select: str, condition: str, order: str, values: Sequence[Any]) -> None:
        self._db = db
        self._select = select
        self._condition = condition
        self._order = order
        self._values = values

    def __len__(self) -> int:
        """Return the number of rows, without reading them."""
        # the first table has the conditions: the others only add columns
        tables = self._select[self._select.index(" FROM ") :].partition(" JOIN ")[0]
        return int(self._db.fetch_value(f"SELECT count(*){tables} WHERE {self._condition}", *self._values))

    @overload
    def __getitem__(self, index: int) -> Row: ...

    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...

    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        """Return one row, or those of a page; neither counts from the end."""
        if isinstance(index, slice):
            start = index.start or 0
            return self._read(-1 if index.stop is None else max(0, index.stop - start), start)
        rows = self._read(1, index)
        if not rows:
            raise IndexError(index)
        return rows[0]

    def __iter__(self) -> Iterator[Row]:
        """Read all rows at once."""
        return iter(self._read(-1, 0))

    def _read(self, count: int, start: int) -> list[Row]:
        return self._db.fetch_all(
            f"{self._select} WHERE {self._condition} ORDER BY {self._order} LIMIT ? OFFSET ?",
            *self._values, count, start,
        )  # fmt: skip
