"""All schedules of a program: explore, prove, sample, replay, check."""
