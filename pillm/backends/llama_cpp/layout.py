"""llama.cpp's C structs and functions as ctypes, after include/llama.h and ggml/include/ggml.h of build b11549.

`abi_probe` holds these layouts against a library before anything else uses them.
"""
import ctypes as c
import importlib.util
import sys
from pathlib import Path
from typing import Any, ClassVar

MAX_TENSOR_NAME = 64
F32, F16 = 0, 1
"""Values of ggml_type."""
ROOM = 128
"""Bytes behind each parameter struct: a library with longer ones must not write past ours before it is refused."""

LoadProgress = c.CFUNCTYPE(c.c_bool, c.c_float, c.c_void_p)
EvalCallback = c.CFUNCTYPE(c.c_bool, c.c_void_p, c.c_bool, c.c_void_p)
LogCallback = c.CFUNCTYPE(None, c.c_int, c.c_char_p, c.c_void_p)


def _all(kind: Any, names: str) -> list[tuple[str, Any]]:
    return [(name, kind) for name in names.split()]


class ModelParams(c.Structure):
    """struct llama_model_params"""

    _fields_: ClassVar = [
        *_all(c.c_void_p, "devices tensor_buft_overrides"),
        *_all(c.c_int32, "n_gpu_layers split_mode load_mode lazy_mode main_gpu"),
        ("tensor_split", c.c_void_p),
        ("progress_callback", LoadProgress),
        *_all(c.c_void_p, "progress_user_data kv_overrides"),
        *_all(c.c_bool, "vocab_only check_tensors use_extra_bufts no_host no_alloc load_mtp"),
        ("_room", c.c_uint8 * ROOM),
    ]


class ContextParams(c.Structure):
    """struct llama_context_params"""

    _fields_: ClassVar = [
        *_all(c.c_uint32, "n_ctx n_batch n_ubatch n_seq_max n_rs_seq n_outputs_max n_outputs_max_per_seq"),
        *_all(c.c_int32, "n_threads n_threads_batch"),
        *_all(c.c_int, "ctx_type rope_scaling_type pooling_type attention_type flash_attn_type"),
        *_all(c.c_float, "rope_freq_base rope_freq_scale"),
        *_all(c.c_float, "yarn_ext_factor yarn_attn_factor yarn_beta_fast yarn_beta_slow"),
        ("yarn_orig_ctx", c.c_uint32), ("defrag_thold", c.c_float),
        ("cb_eval", EvalCallback), ("cb_eval_user_data", c.c_void_p),
        *_all(c.c_int, "type_k type_v"),
        *_all(c.c_void_p, "abort_callback abort_user_data"),
        ("moe_cache_size", c.c_size_t),
        *_all(c.c_bool, "embeddings offload_kqv no_perf op_offload swa_full kv_unified"),
        ("samplers", c.c_void_p), ("n_samplers", c.c_size_t), ("ctx_other", c.c_void_p),
        ("_room", c.c_uint8 * ROOM),
    ]


class Batch(c.Structure):
    """struct llama_batch"""

    _fields_: ClassVar = [
        ("n_tokens", c.c_int32), ("token", c.POINTER(c.c_int32)), ("embd", c.POINTER(c.c_float)),
        ("pos", c.POINTER(c.c_int32)), ("n_seq_id", c.POINTER(c.c_int32)),
        ("seq_id", c.POINTER(c.POINTER(c.c_int32))), ("logits", c.POINTER(c.c_int8)),
    ]


class Tensor(c.Structure):
    """struct ggml_tensor: `ne` elements and `nb` bytes per step, innermost dimension first."""


Tensor._fields_ = [
    ("type", c.c_int), ("buffer", c.c_void_p), ("ne", c.c_int64 * 4), ("nb", c.c_size_t * 4),
    ("op", c.c_int), ("op_params", c.c_int32 * 16), ("flags", c.c_int32),
    ("src", c.POINTER(Tensor) * 10), ("view_src", c.c_void_p), ("view_offs", c.c_size_t),
    ("data", c.c_void_p), ("name", c.c_char * MAX_TENSOR_NAME), ("extra", c.c_void_p), ("padding", c.c_char * 8),
]


class InitParams(c.Structure):
    """struct ggml_init_params"""

    _fields_: ClassVar = [("mem_size", c.c_size_t), ("mem_buffer", c.c_void_p), ("no_alloc", c.c_bool)]


_pointer, _text, _flag, _int, _size = c.c_void_p, c.c_char_p, c.c_bool, c.c_int32, c.c_size_t
_ints, _floats = c.POINTER(c.c_int32), c.POINTER(c.c_float)

FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "llama_backend_init": (None,),
    "llama_log_set": (None, LogCallback, _pointer),
    "llama_print_system_info": (_text,),
    "llama_model_default_params": (ModelParams,),
    "llama_context_default_params": (ContextParams,),
    "llama_model_load_from_file": (_pointer, _text, ModelParams),
    "llama_model_free": (None, _pointer),
    "llama_model_get_vocab": (_pointer, _pointer),
    "llama_model_chat_template": (_text, _pointer, _text),
    "llama_model_n_ctx_train": (_int, _pointer),
    "llama_adapter_lora_init": (_pointer, _pointer, _text),
    "llama_set_adapters_lora": (_int, _pointer, c.POINTER(_pointer), _size, _floats),
    "llama_init_from_model": (_pointer, _pointer, ContextParams),
    "llama_free": (None, _pointer),
    "llama_get_memory": (_pointer, _pointer),
    "llama_memory_clear": (None, _pointer, _flag),
    "llama_batch_init": (Batch, _int, _int, _int),
    "llama_batch_free": (None, Batch),
    "llama_decode": (_int, _pointer, Batch),
    "llama_get_logits_ith": (_floats, _pointer, _int),
    "llama_vocab_n_tokens": (_int, _pointer),
    "llama_vocab_bos": (_int, _pointer),
    "llama_vocab_eos": (_int, _pointer),
    "llama_vocab_get_add_bos": (_flag, _pointer),
    "llama_vocab_is_eog": (_flag, _pointer, _int),
    "llama_vocab_get_text": (_text, _pointer, _int),
    "llama_tokenize": (_int, _pointer, _text, _int, _ints, _int, _flag, _flag),
    "llama_detokenize": (_int, _pointer, _ints, _int, _text, _int, _flag, _flag),
    "ggml_init": (_pointer, InitParams),
    "ggml_free": (None, _pointer),
    "ggml_new_tensor_2d": (c.POINTER(Tensor), _pointer, c.c_int, c.c_int64, c.c_int64),
    "ggml_set_name": (c.POINTER(Tensor), c.POINTER(Tensor), _text),
    "ggml_mul_mat": (c.POINTER(Tensor), _pointer, c.POINTER(Tensor), c.POINTER(Tensor)),
    "ggml_op_name": (_text, c.c_int),
    "ggml_type_name": (_text, c.c_int),
    "ggml_blck_size": (c.c_int64, c.c_int),
    "ggml_row_size": (_size, c.c_int, c.c_int64),
    "ggml_quantize_chunk": (_size, c.c_int, _pointer, _pointer, c.c_int64, c.c_int64, c.c_int64, _pointer),
    "ggml_tensor_overhead": (_size,),
}
"""Name: (what it returns, *what it takes)."""


def open_library(path: Path) -> c.CDLL:
    """With torch's libgomp.so.1 loaded first: the wheel needs one, and a bare system has none."""
    torch = importlib.util.find_spec("torch")
    if sys.platform == "linux" and torch is not None and torch.origin is not None:
        for openmp in sorted((Path(torch.origin).parent / "lib").glob("libgomp*.so*")):
            c.CDLL(str(openmp))
    return c.CDLL(str(path))


def declare(library: c.CDLL) -> list[str]:
    """Give every function its types; names of those the library lacks."""
    missing = [name for name in FUNCTIONS if not hasattr(library, name)]
    for name in FUNCTIONS.keys() - set(missing):
        returns, *takes = FUNCTIONS[name]
        function = getattr(library, name)
        function.restype, function.argtypes = returns, takes
    return missing
