"""Mews, a PMS: its Connector API. Everything is a POST, and the credentials stand in every body."""
