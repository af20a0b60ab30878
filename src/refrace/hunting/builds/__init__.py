"""Build the user's extension again, with other compilers, flags or environments."""
