"""What `refrace.refleaks` reads, and the arguments that it passes."""
