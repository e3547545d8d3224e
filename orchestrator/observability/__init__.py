"""Logs, metrics, traces and correlation ids, without personal data."""
