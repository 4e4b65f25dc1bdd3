"""How each provider's wire format is read: JSON-like bodies in, record fields out. No SDK, no OpenTelemetry."""
