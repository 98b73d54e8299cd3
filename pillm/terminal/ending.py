"""SIGTERM and SIGHUP end a run as Ctrl-C does: it says how to go on, and leaves no server behind."""
import signal
from types import FrameType

INTERRUPTED = 128 + signal.SIGINT


class Ending:
    """Turns the signals that end a process into KeyboardInterrupt, and knows which it was."""

    def __init__(self) -> None:
        self.by = signal.SIGINT
        self.heard = [one for one in (signal.SIGTERM, signal.SIGHUP)
                      if signal.getsignal(one) == signal.SIG_DFL]  # nohup has it ignored
        for one in self.heard:
            signal.signal(one, self._interrupt)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        """Once: a second would cut short what the first lets end in order."""
        for one in self.heard:
            signal.signal(one, signal.SIG_IGN)
        self.by = signal.Signals(number)
        raise KeyboardInterrupt

    def code(self, code: int) -> int:
        """The exit code: of an interrupted run, 128 and the signal's number."""
        return 128 + self.by if code == INTERRUPTED else code
