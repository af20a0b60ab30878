"""Pictures of results as SVG: plain rows in, text out, no other package."""
