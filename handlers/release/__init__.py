"""What of the exit interviews may be published, and the attack on ourselves that every release must first survive."""
