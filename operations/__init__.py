"""Keys and backups: what an operator and a data controller do with the site as a whole."""
