"""Bring the boards and alerts into any Grafana over its HTTP API; touch nothing that is not ours."""
