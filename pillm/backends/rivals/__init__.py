"""Programs without a neural network that learn tool calls from the same records: what a small model must beat."""
