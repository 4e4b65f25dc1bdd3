"""How clients are patched and how a call runs: open, saw, end, for sync, async and streams alike."""
