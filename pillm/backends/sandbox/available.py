"""Whether commands can be contained here."""
import ctypes.util
import os
import shutil
import sys
from functools import lru_cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from pillm import judged
from pillm.backends.sandbox.scratch import folder
from pillm.errors import SandboxError

TOOLS = {"bwrap": "bubblewrap", "prlimit": "util-linux", "setpriv": "util-linux", "unshare": "util-linux",
         "mount": "mount", "bash": "bash"}
"""Program → the Debian package that brings it."""
PROBE_S = 20.0
BOOT = Path("/proc/sys/kernel/random/boot_id")


@lru_cache(maxsize=1)
def missing() -> str | None:
    """Why commands cannot be contained here, with the remedy; None if they can, which one harmless command shows."""
    if sys.platform != "linux":
        return f"sandbox: commands are contained by Linux, and this is {sys.platform}. Run on Linux or in a container."
    for tool, package in TOOLS.items():
        if not shutil.which(tool):
            return f"sandbox: {tool} is not installed. Run `apt-get install {package}`."
    if not ctypes.util.find_library("seccomp"):
        return "sandbox: libseccomp is not installed. Run `apt-get install libseccomp2`."
    if not find_spec("pyseccomp"):
        return "sandbox: pyseccomp is not installed. Run `pip install 'pillm[sandbox]'`."
    return next(iter(judged.mistakes("sandbox", facts(), _refused)), None)


def facts() -> object:
    """What decides whether commands can be contained: the tools, the user, and the kernel since it was started."""
    tools = [(path, os.stat(path).st_mtime_ns) for tool in TOOLS if (path := shutil.which(tool))]
    spaces = [(file.name, os.readlink(file)) for file in sorted(Path("/proc/self/ns").iterdir())]
    return tools, metadata.version("pyseccomp"), os.getuid(), BOOT.read_text("ascii"), spaces


def _refused() -> list[str]:
    """What keeps a harmless command from being contained."""
    from pillm.backends.sandbox.contain import contained

    with folder() as scratch:
        try:
            ran = contained(b"true", scratch, PROBE_S)
        except SandboxError as error:
            return [f"{str(error).removesuffix(' Nothing was run.')} Let this user make user namespaces (see "
                    f"docs/sandbox.md), with bubblewrap 0.8 or newer."]
    said = ran.stderr.decode(errors="replace").strip() or "it said nothing"
    return [] if ran.code == 0 else [f"sandbox: a harmless command ended with code {ran.code} ({said}). "
                                     f"See docs/sandbox.md."]
