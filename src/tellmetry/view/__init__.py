"""Look at single runs and calls of the store, in the terminal."""
