"""A keeper's side: kits, and the tables that decide."""
