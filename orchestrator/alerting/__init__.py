"""Alerts to people on call: conditions that are watched, and the channels that report them."""
