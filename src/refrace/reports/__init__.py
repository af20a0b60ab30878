"""Results: frozen data with a text, HTML and JSON form; imports no extension."""
