"""An embedded Pact Broker: FastAPI and SQLite, for the official command line and verifier. An island in this house."""
