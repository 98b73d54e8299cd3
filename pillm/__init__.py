"""From one recipe to a small language model that is proven to run on a small machine."""
