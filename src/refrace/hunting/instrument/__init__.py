"""Building extensions so that each of their memory accesses is a scheduling point."""
