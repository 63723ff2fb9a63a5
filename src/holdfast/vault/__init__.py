"""Packs, tables, entries: what a vault is made of, and how it is read and audited."""
