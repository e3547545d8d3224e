"""Pages of long lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageOf(Generic[T]):
    """One page of a list, with the URLs of the pages before and after it (None: there is none)."""

    items: Sequence[T]
    number: int
    count: int
    previous: str | None
    next: str | None


def page_of(items: Sequence[T], number: int, size: int, url: str) -> PageOf[T]:
    """Return a page, the last one if there are fewer.

    Args:
        items: the whole list.
        number: the number of the page, from 1.
        size: how many items a page has.
        url: the URL of the list with all its parameters but the page.
    """
    count = max(1, -(-len(items) // size))
    number = min(number, count)
    link = f"{url}{'&' if '?' in url else '?'}page="
    return PageOf(
        items[(number - 1) * size : number * size],
        number,
        count,
        f"{link}{number - 1}" if number > 1 else None,
        f"{link}{number + 1}" if number < count else None,
    )
