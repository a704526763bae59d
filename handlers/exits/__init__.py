"""Exit interviews: who is asked, what they answer, what staff may see, and the lock."""
