"""The real servers: built from their own modules, started on loopback, run with the files that users get."""
