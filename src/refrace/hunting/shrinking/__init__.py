"""Make the program of a finding smaller, and measure how often it shows it."""
