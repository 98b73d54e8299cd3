"""A user's own material into records: passages of documents, and what is asked of them."""
