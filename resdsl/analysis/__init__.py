"""Facts about a design: shapes, cost, valid sizes, receptive fields, the rows of its table."""
