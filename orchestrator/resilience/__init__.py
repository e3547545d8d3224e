"""How the orchestrator stays upright when a vendor does not."""
