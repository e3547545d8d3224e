"""Mews, a property management system (PMS), by its Connector API."""
