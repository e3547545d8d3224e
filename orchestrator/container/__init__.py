"""The composition root: builds every component of the service from the settings."""

from orchestrator.container.build import Container, build_container

__all__ = ["Container", "build_container"]
