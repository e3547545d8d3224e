"""Delivery of webhooks: settings, the sender and the worker that retries."""
