"""Makes the PMS that the settings name."""

from __future__ import annotations

from collections.abc import Callable

from orchestrator.pms.apaleo import ApaleoPms
from orchestrator.pms.connector import Pms
from orchestrator.pms.memory import MemoryPms
from orchestrator.settings import Settings
from orchestrator.vendors.connections import Vendors

KINDS: dict[str, Callable[[Settings, Vendors], Pms]] = {
    "apaleo": lambda settings, vendors: ApaleoPms(vendors.apaleo, settings.default_region),
    "memory": lambda _settings, _vendors: MemoryPms(),
}


class UnknownPms(Exception):
    """There is no PMS of this kind; the message names those there are."""


def create(settings: Settings, vendors: Vendors) -> Pms:
    """The PMS of `PMS_KIND`.

    Raises:
        UnknownPms: there is none of this kind.
    """
    if settings.pms_kind not in KINDS:
        raise UnknownPms(f"PMS_KIND should be one of {', '.join(KINDS)}, it is '{settings.pms_kind}'")
    return KINDS[settings.pms_kind](settings, vendors)
