"""The orchestrator with stub vendors on loopback: for a tour, for the suites and for benchmarks."""
