"""Pages of the docs that are loops over the source: settings, spans, clients."""
