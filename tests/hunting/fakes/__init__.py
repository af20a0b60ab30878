"""A fake engine and subjects that misbehave, for tests of everything around them."""
