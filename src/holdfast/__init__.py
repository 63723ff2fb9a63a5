"""Keeps what a person said online sealed, proves it, and brings it back."""
