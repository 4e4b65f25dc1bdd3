"""Draw the boards as people would see them, with Grafana's own published components and live data."""
