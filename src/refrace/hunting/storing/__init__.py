"""What a hunt keeps in a folder: its findings, and a journal to resume from."""
