"""HashiCorp Vault, which stores credentials and signing keys."""
