"""What the orchestrator expects of its vendors, recorded as pacts."""
