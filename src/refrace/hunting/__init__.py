"""Hunt for corruption and leaks in the user's own extension."""
