"""Monitoring of the service and of test runs: metrics, rules, dashboards, notifications and summaries."""
