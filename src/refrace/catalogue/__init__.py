"""The modes: their cards, what is proved of them, what they cost."""
