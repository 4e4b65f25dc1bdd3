"""Which model does which work."""

SORTING = "gpt-4o-mini"
CAREFUL = "claude-sonnet-5-5"
WRITING = "claude-haiku-4-5"
ANSWERING = "gpt-5-mini"
REVIEWING = "claude-opus-5-5"
JUDGING = "gpt-5-nano"
TRANSLATING = "acme-translate-8b"  # our own, behind the same gateway
MODERATION = "omni-moderation-latest"
EMBEDDING = "text-embedding-3-small"
