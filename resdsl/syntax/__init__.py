"""Text to tree: the grammar's parser and the tree that it makes."""
