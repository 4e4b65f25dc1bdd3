"""Boards, alert rules and recording rules as Python over `tellmetry.names`; `python -m dashboards.source` renders them."""
