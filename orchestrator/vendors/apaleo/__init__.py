"""Apaleo, a property management system (PMS)."""
