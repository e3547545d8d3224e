"""Grafana dashboards as code: panels are data, and the committed JSON is generated from them."""
