"""From a report's blocks to text and HTML."""
