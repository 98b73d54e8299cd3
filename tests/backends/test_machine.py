"""What the machine is, without torch."""
import json
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from pillm.backends import machine
from pillm.backends.hf import machine as training

COUNT, SUCCESS = 2, 0


def _driver(success: int) -> SimpleNamespace:
    """A libcuda with two GPUs; `byref` hides what it points to in `_obj`."""
    def fill(value: Any) -> Any:
        return lambda out, *_: setattr(out._obj, "value", value) or success

    def name(buffer: Any, room: int, device: Any) -> int:
        buffer.value = b"NVIDIA Test 4090"
        return success

    def attribute(out: Any, which: int, device: Any) -> int:
        out._obj.value = {75: 8, 76: 9}[which]
        return success

    return SimpleNamespace(cuInit=lambda flags: success, cuDeviceGetCount=fill(COUNT), cuDeviceGet=fill(0),
                           cuDeviceGetName=name, cuDeviceTotalMem_v2=fill(24 * 2**30), cuDeviceGetAttribute=attribute)


def test_this_machine() -> None:
    found = machine.machine()
    assert found.cpu
    assert found.cores >= 1
    assert found.ram_gib > 0.5


def test_the_fingerprint_stays_the_same_and_is_json() -> None:
    first = machine.fingerprint()
    machine.machine.cache_clear()
    assert machine.fingerprint() == json.loads(json.dumps(first))


@pytest.mark.skipif(sys.platform != "linux", reason="the driver's library is named for Linux here")
def test_gpus_are_those_of_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "open_library", lambda name: _driver(SUCCESS))
    assert machine.gpus() == [machine.Gpu("NVIDIA Test 4090", 24.0, "8.9")] * COUNT


def test_a_driver_that_does_not_start_has_no_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "open_library", lambda name: _driver(100))
    assert machine.gpus() == []


def test_memory_is_that_of_the_container(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(machine, "MEMORY_LIMIT", limit)
    whole = machine.ram_gib()
    limit.write_text("max\n")
    assert machine.ram_gib() == whole
    limit.write_text(f"{2**29}\n")
    assert machine.ram_gib() == 0.5


@pytest.mark.parametrize(("features", "dtype"), [
    ({"avx2", "avx512f"}, "fp32"), ({"avx512f", "avx512_bf16"}, "bf16"), ({"amx_bf16"}, "bf16")])
def test_training_takes_bf16_where_the_processor_multiplies_it(
        features: set[str], dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "processor_features", lambda: frozenset(features))
    monkeypatch.setattr(training, "has_gpu", lambda: False)
    assert (training.fastest_dtype(), training.training_dtype()) == (dtype, "fp32")
