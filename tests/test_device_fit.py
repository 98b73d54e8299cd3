import pytest

from pillm.device_fit import BITS_PER_WEIGHT, GIB, fits, kv_cache_bytes, memory_bytes, model_bytes, tokens_per_s

TINYLLAMA = {"hidden": 2048, "layers": 22, "heads": 32, "kv_heads": 4, "head_dim": 64, "ffn": 5632, "vocab": 32000}
PARAMETERS = 1_100_048_384


@pytest.mark.parametrize(("type_", "published_mb"), [("Q4_K_M", 669), ("Q8_0", 1170), ("Q6_K", 904), ("Q5_K_M", 783)])
def test_file_sizes_of_tinyllama_as_published(type_, published_mb):
    # huggingface.co/TheBloke/TinyLlama-1.1B-Chat-v1.0-GGUF
    assert model_bytes(PARAMETERS, BITS_PER_WEIGHT[type_]) / 1e6 == pytest.approx(published_mb, rel=0.02)


def test_kv_cache_of_tinyllama():
    # llama.cpp prints: llama_kv_cache: size = 44.00 MiB (2048 cells, 22 layers, f16)
    assert kv_cache_bytes(TINYLLAMA, 2048) == 44 * 2**20
    assert kv_cache_bytes(TINYLLAMA | {"head_dim": None}, 2048) == 44 * 2**20


def test_what_goes_on_a_small_board():
    needed = memory_bytes(model_bytes(PARAMETERS, 4.8944), TINYLLAMA, 2048)
    assert needed / GIB == pytest.approx(0.78, abs=0.02)
    assert fits(needed, ram_gib=2)
    assert not fits(needed, ram_gib=1)
    assert not fits(model_bytes(PARAMETERS, 32), ram_gib=4)
    assert fits(int(3.2 * GIB), ram_gib=4)
    assert not fits(int(3.2 * GIB), ram_gib=4, reserve_gib=1)


def test_speed_is_bandwidth_over_bytes():
    assert tokens_per_s(5, model_bytes(PARAMETERS, 4.8944)) == pytest.approx(7.4, abs=0.1)
