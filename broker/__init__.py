"""An embedded Pact Broker (FastAPI, SQLite) for the official Pact CLI and verifier; imports nothing else of the project."""
