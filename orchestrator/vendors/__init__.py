"""Clients of the vendors: one folder per vendor, one error taxonomy for all."""
