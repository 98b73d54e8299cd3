"""The binary format of importance matrices before they were GGUF files (common_imatrix_load_legacy)."""
import struct
from pathlib import Path

import numpy as np

from pillm.errors import ConfigError

CHUNK = 512
"""Tokens a chunk is taken to have: the format does not say."""


def read_legacy(path: Path) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], str, int, int]:
    """Sums and counts by tensor name, data set, chunks and their size; ConfigError where it is another format.

    The file holds mean squares times the number of chunks; both are scaled to sums over tokens, which is exact.
    """
    data, sums, counts = path.read_bytes(), {}, {}
    try:
        entries, at = *struct.unpack_from("<i", data), 4
        for _ in range(entries):
            length, = struct.unpack_from("<i", data, at)
            name = data[at + 4:at + 4 + length].decode()
            calls, size = struct.unpack_from("<ii", data, at + 4 + length)
            sums[name] = np.frombuffer(data, "<f4", size, at + 12 + length) * np.float32(CHUNK)
            counts[name] = np.array([max(calls, 1) * CHUNK], np.float32)
            at += 12 + length + 4 * size
        chunks, length = struct.unpack_from("<ii", data, at) if at < len(data) else (0, 0)
        return sums, counts, data[at + 8:at + 8 + length].decode(), chunks, CHUNK
    except (struct.error, ValueError) as error:
        raise ConfigError(f"{path}: this is no importance matrix ({error}). "
                          "Name a file that llama-imatrix wrote.") from None
