"""What this device remembers, outside every vault."""
