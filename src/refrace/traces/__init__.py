"""One run of a program: its steps, drawing, token and explanation."""
