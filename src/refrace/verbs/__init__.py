"""What one can do: each verb of the public interface, one a module."""
