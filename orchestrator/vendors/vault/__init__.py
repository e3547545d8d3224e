"""Vault: where credentials and signing keys are kept."""
