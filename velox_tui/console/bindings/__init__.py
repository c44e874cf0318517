"""Keys: every binding in one table, and how the config remaps them."""
