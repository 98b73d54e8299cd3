"""`python -m pillm.backends.llama_cpp.wheel_server SOCKET SETTINGS` serves there until its standard input ends.

A process of its own can be ended at any moment. `xllamacpp.Server` waits in its destructor for the requests at hand,
which nobody works on any more, and holds Python's lock meanwhile: a program that had one in it hung for ever.
"""
import json
import os
import signal
import sys
from typing import Any

from pillm.backends.llama_cpp import lib


def main() -> None:
    """Serve what the settings say (a `launch.Settings` in JSON)."""
    address, settings = sys.argv[1], json.loads(sys.argv[2])
    lib.load()  # before the wheel's Python side: it brings libgomp
    import xllamacpp

    try:
        _server = xllamacpp.Server(_params(address, settings))
    except RuntimeError as error:
        sys.exit(str(error))
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the server had taken it
    sys.stdin.buffer.read()
    os._exit(0)  # without the destructor


def _params(address: str, settings: dict[str, Any]) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path, params.hostnames = settings["gguf"], [address]
    params.n_ctx, params.n_parallel = settings["context"], settings["slots"]
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = settings["threads"]
    params.n_threads_http = settings["slots"] + 2
    params.cache_ram_mib, params.fit_params, params.warmup, params.verbosity = 0, False, False, 0
    params.ui = False
    if settings["lora"]:
        params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(settings["lora"], 1.0)]
    return params


if __name__ == "__main__":
    main()
