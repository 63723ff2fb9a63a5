"""Logs as C2SP means them: Merkle trees, notes, checkpoints, commits."""
