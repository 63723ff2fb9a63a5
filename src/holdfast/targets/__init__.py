"""What an account is restored to."""
