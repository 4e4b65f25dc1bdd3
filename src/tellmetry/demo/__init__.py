"""The demo: a customer's app, unchanged, against a provider on loopback that keeps a bill to compare with."""
