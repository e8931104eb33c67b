"""What is said of mistakes: what was meant, and what would mend it."""
