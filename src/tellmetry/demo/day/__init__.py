"""What happens to Acme: the jobs that arrive, what the models answer to each, and what goes wrong on the way."""
