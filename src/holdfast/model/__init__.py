"""The values that everything above speaks of."""
