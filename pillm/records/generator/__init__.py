"""Requests and their tool calls, made from rules: phrasings and words in YAML, wordings of time and number in code."""
