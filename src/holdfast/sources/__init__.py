"""What an account is read from."""
