"""The intents of guests, one module per group, and their registry."""
