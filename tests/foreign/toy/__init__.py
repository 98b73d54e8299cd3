"""Another package's stages, part and recipe: small, real, and slow where a test wants to kill them."""
