"""Stub vendors, verification of pacts against them, and conformance of the schemas with the vendors' specs."""
