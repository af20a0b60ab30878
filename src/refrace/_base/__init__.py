"""What every package may use: codec, checks of arguments, statistics, threads."""
