"""Small languages: what is said in one is drawn as a tree, written as JSON in many dialects, said, and read back."""
