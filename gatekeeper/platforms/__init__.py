"""What CI platforms tell the gate, and what they want to be told by it."""
