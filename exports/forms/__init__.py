"""Forms of evaluation projects, deliveries and resident lists, a file per noun."""
