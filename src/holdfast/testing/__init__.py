"""Conformance kits, makers of exports and keepers that misbehave: for tests, ours and others'."""
