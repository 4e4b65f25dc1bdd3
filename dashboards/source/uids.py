"""The boards' uids: stable for ever, since links, bookmarks and alerts name them."""

OVERVIEW = "tellmetry-overview"
WORKFLOW = "tellmetry-workflow"
COST = "tellmetry-cost"
FAILURES = "tellmetry-failures"
QUALITY = "tellmetry-quality"
PIPELINE = "tellmetry-pipeline"
