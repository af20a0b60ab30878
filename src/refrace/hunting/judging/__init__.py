"""What is wrong after a round: canaries, answers, levels that grow."""
