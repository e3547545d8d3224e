"""Authentication and authorization: users, sessions, access tokens, API keys, roles."""
