"""A provider's SDK that we do not know, for the client that another package brings."""
