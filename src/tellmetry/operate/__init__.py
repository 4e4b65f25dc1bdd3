"""The app's own records: workflows, prompts, retrievals, guardrails, tools, evaluations, reviews, fallbacks."""
