"""The README's picture of a report: `python docs/make_picture.py runs/RECIPE/TIME/report.html docs/images/report.png`

Needs Chromium. The top of the page as a screen of WIDTH × HEIGHT points shows it.
"""
import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import which

WIDTH, HEIGHT = 1040, 1022
LARGEST = 300_000
"""Bytes."""
NAMES = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    """Writes the second argument from the first."""
    report, picture = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    browser = next(filter(None, map(which, NAMES)), None)
    if browser is None:
        sys.exit("chromium: not found. Install it: apt install chromium")
    with tempfile.TemporaryDirectory() as home:
        subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                        f"--user-data-dir={home}", f"--window-size={WIDTH},{HEIGHT}",
                        f"--screenshot={picture.resolve()}", report.as_uri()], check=True, capture_output=True)
    size = picture.stat().st_size
    print(f"{picture}: {size:,} bytes")
    sys.exit(size > LARGEST)


if __name__ == "__main__":
    main()
