"""What the compiler tells people: codes, messages, labels, chains, help."""
