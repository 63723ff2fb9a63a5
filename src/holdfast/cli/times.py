"""Moments as people read them."""

from datetime import UTC, datetime


def moment(seconds: int) -> str:
    """Give a Unix time as a date and time in UTC, which is the same for every keeper."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
