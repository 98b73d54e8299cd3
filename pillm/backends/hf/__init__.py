"""The Hugging Face stack: tokenizers, models, fine-tuning, merging. Light to import: torch comes with the first use."""
import logging

logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # on a processor it advises an optional kernel
