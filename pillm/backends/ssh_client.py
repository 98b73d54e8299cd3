"""OpenSSH's own reading of a client configuration."""
import shutil
import subprocess
from pathlib import Path


def missing() -> str | None:
    """Why no configuration can be read here, with the remedy; None if it can."""
    return None if shutil.which("ssh") else "ssh is missing. Install openssh-client."


def resolved(config: Path, host: str) -> dict[str, str]:
    """What a connection to the host would use, by option in lower case; empty where the file is refused."""
    ran = subprocess.run(["ssh", "-G", "-F", str(config), host], capture_output=True, text=True, check=False)
    lines = [line.partition(" ") for line in ran.stdout.splitlines()] if ran.returncode == 0 else []
    return {name: value for name, _, value in reversed(lines)}
