"""The orchestrator with stub vendors behind it, on loopback: for a tour, for the suites, for measuring."""
