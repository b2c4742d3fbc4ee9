"""Grafana's dashboards, each a page of its own: what is asked of Prometheus, and how it is drawn."""
