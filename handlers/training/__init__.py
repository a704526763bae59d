"""Training and governance: courses, seats, who has taken what."""
