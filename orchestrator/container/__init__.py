"""The composition root: builds every component of the service from the settings."""

from orchestrator.container.build import build_container
from orchestrator.container.components import Container

__all__ = ["Container", "build_container"]
