"""Data protection: pseudonyms, consents, export, erasure, retention."""
