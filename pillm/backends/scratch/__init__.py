"""Models from nothing: architecture, tokenizer and chat template of a real family at any size. Start at `build`."""
