"""When timers fire: cron expressions by cronsim, OnCalendar= by systemd-analyze."""
import importlib.util
import re
import shutil
import subprocess
from datetime import datetime, timedelta
from itertools import takewhile

NEXT = re.compile(r"(?:Next elapse|Iter\. #\d+): \w+ (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")


def cron_missing() -> str | None:
    """Why cron expressions cannot be read here, with the remedy; None if they can."""
    there = importlib.util.find_spec("cronsim")
    return None if there else "cronsim is missing. pip install 'pillm[sandbox]'"


def calendar_missing() -> str | None:
    """Why OnCalendar= cannot be read here, with the remedy; None if it can."""
    return None if shutil.which("systemd-analyze") else "systemd-analyze is missing. Install systemd."


def cron(expression: str, start: datetime, days: int) -> list[datetime]:
    """Every firing after the start; none where the expression is refused."""
    from cronsim import CronSim, CronSimError

    try:
        return list(takewhile(lambda moment: moment < start + timedelta(days=days), CronSim(expression, start)))
    except CronSimError:
        return []


def calendar(expression: str, start: datetime, count: int) -> list[datetime]:
    """So many firings after the start, in UTC; none where the expression is refused."""
    ran = subprocess.run(
        ["systemd-analyze", "calendar", f"--iterations={count}", f"--base-time={start:%Y-%m-%d %H:%M:%S}", expression],
        capture_output=True, text=True, check=False, env={"TZ": "UTC", "PATH": "/usr/bin:/bin"})
    return [datetime.fromisoformat(found) for found in NEXT.findall(ran.stdout)]

