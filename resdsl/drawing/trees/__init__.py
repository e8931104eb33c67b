"""What flows in a body, and the tree that it is."""
