"""Where a user's own material comes from: a file for each, with its options and what it finds."""
