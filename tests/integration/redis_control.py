"""Moves time in the Redis of a service, so that expiry is tested without waiting."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from redis import Redis

RATE_LIMIT_PATTERNS = ("rate:*", "login:*")
MICROSECONDS = 1_000_000


class RedisControl:
    """Ages what a service keeps in Redis.

    Args:
        redis: a client of the service's Redis.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def clear_rate_limits(self) -> None:
        """Forget all requests and failed logins."""
        for key in self._rate_limit_keys():
            self._redis.delete(key)

    def age_rate_limits(self, seconds: float) -> None:
        """Move all requests and failed logins into the past; their scores are microseconds."""
        for key in self._rate_limit_keys():
            members: Any = self._redis.zrange(
                key, 0, -1
            )  # a union over the reply formats of every Redis version
            for member in members:
                self._redis.zincrby(key, -seconds * MICROSECONDS, member)

    def session_ttl(self, session_id: str) -> float:
        """Return the seconds until a session expires; negative without an expiry."""
        return float(self._redis.pttl(f"session:{session_id}")) / 1000

    def expire_session(self, session_id: str) -> None:
        """Let a session expire now."""
        assert self._redis.pexpire(f"session:{session_id}", 0)

    def count_follow_ups(self, call_id: str, kind: str) -> int:
        """Return how many follow-ups of a kind a call has that are not done yet."""
        return sum(json.loads(member)["kind"] == kind for _, member in self._follow_ups(call_id))

    def make_follow_ups_due(self, call_id: str) -> int:
        """Let the time of a call's follow-ups come; return how many there were."""
        follow_ups = self._follow_ups(call_id)
        due_at = datetime.now(UTC) - timedelta(seconds=1)
        for key, member in follow_ups:
            moved = json.loads(member) | {"due_at": due_at.isoformat().replace("+00:00", "Z")}
            self._redis.srem(key, member)
            # as the service writes it, which removes it by its text
            text = json.dumps(moved, separators=(",", ":"))
            self._redis.sadd(f"follow-ups:{int(due_at.timestamp() // 60)}", text)
        return len(follow_ups)

    def _follow_ups(self, call_id: str) -> list[tuple[bytes, bytes]]:
        # read before any is moved into a set that the scan may come to later
        return [
            (key, member)
            for key in list(self._redis.scan_iter("follow-ups:*"))
            for member in cast("set[bytes]", self._redis.smembers(key))
            if json.loads(member)["call_id"] == call_id
        ]

    def _rate_limit_keys(self) -> Iterator[bytes]:
        for pattern in RATE_LIMIT_PATTERNS:
            yield from self._redis.scan_iter(pattern)


@contextmanager
def redis_control(url: str) -> Iterator[RedisControl]:
    """Connect to a service's Redis for the duration of the block."""
    redis = Redis.from_url(url)
    try:
        yield RedisControl(redis)
    finally:
        redis.close()
