"""A report's way as a case: who may see it, what is promised, who is told, what is answered."""
