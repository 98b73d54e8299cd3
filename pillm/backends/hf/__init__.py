"""The Hugging Face stack: tokenizers, models, fine-tuning, merging. Light to import: torch comes with the first use."""
import logging

from pillm.backends.hf.chat import Encoded, encode_chat, encode_chats, examples, prompt_ids, read_chats, tokenizer

logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # on a processor it advises an optional kernel

__all__ = ["Encoded", "encode_chat", "encode_chats", "examples", "prompt_ids", "read_chats", "tokenizer"]
