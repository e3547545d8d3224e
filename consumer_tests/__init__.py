"""Consumer contracts: what the orchestrator expects of its vendors, recorded as pacts."""
