"""The deploy gate: records, publishes and verifies the pacts of this version and gives a verdict."""
