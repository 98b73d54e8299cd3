"""`python -m pillm.backends.llama_cpp.abi_probe LIBRARY` prints as JSON in what a library differs from our layouts.

It is a process of its own because a wrong layout may corrupt memory or crash.
"""
import ctypes as c
import json
import sys
from pathlib import Path

from pillm.backends.llama_cpp import layout
from pillm.backends.llama_cpp.layout import F16, F32, ContextParams, InitParams, ModelParams, Tensor

CONTEXT_DEFAULTS = {
    "n_ctx": 512, "n_batch": 2048, "n_ubatch": 512, "n_seq_max": 1, "n_rs_seq": 0, "n_outputs_max": 0,
    "n_outputs_max_per_seq": 1, "ctx_type": 0, "rope_scaling_type": -1, "pooling_type": -1, "attention_type": -1,
    "flash_attn_type": -1, "rope_freq_base": 0.0, "yarn_ext_factor": -1.0, "yarn_beta_slow": -1.0, "yarn_orig_ctx": 0,
    "defrag_thold": -1.0, "cb_eval_user_data": None, "type_k": F16, "type_v": F16, "abort_callback": None,
    "moe_cache_size": 0, "embeddings": False, "offload_kqv": True, "no_perf": True, "op_offload": True,
    "swa_full": True, "kv_unified": False, "samplers": None, "n_samplers": 0, "ctx_other": None,
}
"""llama_context_default_params() in src/llama-context.cpp."""

MODEL_DEFAULTS = {
    "devices": None, "tensor_buft_overrides": None, "n_gpu_layers": -1, "split_mode": 1, "load_mode": -1,
    "lazy_mode": 1, "main_gpu": 0, "tensor_split": None, "kv_overrides": None, "vocab_only": False,
    "check_tensors": False, "use_extra_bufts": True, "no_host": False, "no_alloc": False, "load_mtp": False,
}
"""llama_model_default_params() in src/llama-model.cpp."""


def differences(library: c.CDLL) -> list[str]:
    """In what the library's functions, parameter structs and tensors differ from our layouts."""
    if missing := layout.declare(library):
        return [f"no function {name}" for name in missing]
    context, model = library.llama_context_default_params(), library.llama_model_default_params()
    return [*_params(ContextParams, context, CONTEXT_DEFAULTS), *_params(ModelParams, model, MODEL_DEFAULTS),
            *_tensor(library)]


def _params(struct: type[c.Structure], found: c.Structure, expected: dict) -> list[str]:
    values = {name: getattr(found, name) for name in expected}
    return [f"{struct.__name__}.{name} is {values[name]}, not {value}"
            for name, value in expected.items() if values[name] != value]


def _tensor(library: c.CDLL) -> list[str]:
    """A product of two tensors made by the library must read back through our struct."""
    context = library.ggml_init(InitParams(1 << 20, None, False))
    a = library.ggml_set_name(library.ggml_new_tensor_2d(context, F32, 3, 5), b"left")
    b = library.ggml_new_tensor_2d(context, F32, 3, 7)
    y = library.ggml_mul_mat(context, a, b).contents
    found = {
        "size": library.ggml_tensor_overhead() - 32,  # less GGML_OBJECT_SIZE
        "op": library.ggml_op_name(y.op), "ne": list(y.ne), "nb": list(y.nb), "type": y.type,
        "sources": [y.src[0].contents.name, y.src[1].contents.ne[1], bool(y.src[2])],
        "data": a.contents.data is not None and y.data is not None,
    }
    library.ggml_free(context)
    expected = {
        "size": c.sizeof(Tensor), "op": b"MUL_MAT", "ne": [5, 7, 1, 1], "nb": [4, 20, 140, 140], "type": F32,
        "sources": [b"left", 7, False], "data": True,
    }
    return [f"Tensor.{name} is {found[name]}, not {value}" for name, value in expected.items() if found[name] != value]


if __name__ == "__main__":
    print(json.dumps(differences(layout.open_library(Path(sys.argv[1])))))
