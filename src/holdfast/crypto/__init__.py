"""Ciphers, signatures, sharing and commitments: pure functions over well-kept libraries."""
