"""Usage exactness: the fields that a pact demands are exactly the fields that the orchestrator reads."""
