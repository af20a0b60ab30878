"""Small C and Cython extensions with one bug each, and what finds it."""
