"""The text of a program: scanner, parser and printer."""
