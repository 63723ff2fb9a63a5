"""KEEP-1: messages, rosters, dealing and grants, all pure."""
