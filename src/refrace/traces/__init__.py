"""One run of a program: its steps, table, token and explanation."""
