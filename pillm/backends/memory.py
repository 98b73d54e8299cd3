"""How much memory this program holds."""
import psutil


def resident_mib() -> float:
    """Memory of this process and its children (such as a llama-server), mapped files included."""
    me = psutil.Process()
    return sum(process.memory_info().rss for process in (me, *me.children(recursive=True))) / 2**20
