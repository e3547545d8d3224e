"""HTTP client for a Pact Broker: the embedded one, the official one or PactFlow."""
