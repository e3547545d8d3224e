"""A service with low limits, whose time is moved in its Redis."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local_stack.stack import run_stack
from tests.integration.api import ApiClient
from tests.integration.given_servers import suite_redis
from tests.integration.redis_control import RedisControl, redis_control
from tests.integration.settings import STRICT_SETTINGS


@dataclass(frozen=True)
class StrictService:
    """A client without credentials, and the control of the service's Redis."""

    anonymous: ApiClient
    redis: RedisControl


@contextmanager
def run_strict_service(folder: Path, **settings: str) -> Iterator[StrictService]:
    """Run the service on a Redis of its own for the duration of the block.

    Args:
        folder: the folder of its database and its log.
        settings: settings in place of the strict ones.
    """
    with (
        suite_redis() as redis_url,
        run_stack(folder, {**STRICT_SETTINGS, **settings, "REDIS_URL": redis_url}) as stack,
        redis_control(redis_url) as control,
    ):
        api = ApiClient(stack.url)
        yield StrictService(api, control)
        api.close()
