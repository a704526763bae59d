"""What is said and done: the pure core, without clock, dice, network or disk."""
