"""The processes of a hunt: the zygote, its children, and the parent's view."""
