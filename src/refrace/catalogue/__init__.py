"""The refcount modes: cards, recorded proofs, recorded costs."""
