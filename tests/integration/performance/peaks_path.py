"""The route of the service under tracemalloc, for tests that do not import the service: that takes a second."""

from __future__ import annotations

PEAKS_PATH = "/_peaks"
