"""Made measurements."""

from __future__ import annotations

import numpy as np

from performance.measure import QUANTITIES, Measurement

ENDPOINTS = ("GET /healthz", "POST /auth/login")


def made_measurement(
    seed: int = 0, slowdown: float = 0.0, noise: float = 0.01, rounds: int = 20, endpoint: str = ENDPOINTS[0]
) -> Measurement:
    """Return a measurement in which one endpoint's CPU time grew."""
    generator = np.random.default_rng(seed)
    measurement = Measurement()
    for quantity in QUANTITIES:
        for name in ENDPOINTS:
            values = generator.normal(0.0, noise, rounds)
            if quantity == "cpu" and name == endpoint:
                values += np.log1p(slowdown)
            measurement.against_base[quantity][name] = list(values)
            measurement.against_yardstick[quantity][name] = list(values + 1.0)
            measurement.milliseconds[quantity][name] = list(np.exp(values))
    return measurement
