"""The stub engine: contract, validation, exchanges, faults, journal and server; it knows no vendor."""
