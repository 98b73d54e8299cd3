"""Texts of planted files: logs, tables, lists, settings. Each is drawn, in the form that the real thing has."""
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from random import Random

HOSTS = ("10.0.0.5", "10.0.0.17", "192.168.1.20", "192.168.1.44", "203.0.113.9", "198.51.100.7")
PAGES = ("/", "/index.html", "/login", "/api/items", "/img/logo.png", "/admin", "/feed.xml")
STATUS = ("200", "200", "200", "200", "301", "304", "403", "404", "404", "500", "502")
LEVELS = ("INFO", "INFO", "INFO", "DEBUG", "WARNING", "ERROR", "ERROR", "CRITICAL")
SERVICES = ("sshd", "nginx", "backup", "cron", "mysqld")
EVENTS = ("started", "connection refused", "timeout after 30s", "disk full", "request done", "retrying",
          "Connection reset", "permission denied", "config reloaded")
PEOPLE = ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "mallory", "oscar")
CITIES = ("Lyon", "Oslo", "Quebec", "Porto", "Turin", "Ghent")
TEAMS = ("ops", "web", "data", "sales")
WORDS = ("disk", "server", "backup", "error", "the", "cable", "router", "password", "note", "update", "TODO", "kernel",
         "reboot", "the", "switch", "label", "Error", "rack")
PACKAGES = ("bash", "curl", "git", "htop", "jq", "nginx", "openssl", "rsync", "sudo", "tmux", "vim", "wget", "zsh")
SETTINGS = ("port", "host", "timeout", "max_clients", "log_level", "debug", "workers", "cache_size")
VALUES = ("8080", "localhost", "30", "100", "info", "true", "false", "4", "512")
SHELLS = ("/bin/bash", "/bin/bash", "/usr/sbin/nologin", "/bin/sh", "/bin/false")
COMMANDS = ("/usr/bin/python3", "nginx", "sshd", "/usr/sbin/mysqld", "node", "bash")

Maker = Callable[..., str]


def web_log(rng: Random, lines: str = "30") -> str:
    """An access log in the common format."""
    clock = _start(rng)
    return _joined(f'{rng.choice(HOSTS)} - - [{(clock + timedelta(seconds=41 * n)):%d/%b/%Y:%H:%M:%S} +0000] '
                   f'"{rng.choice(("GET", "GET", "POST"))} {rng.choice(PAGES)} HTTP/1.1" {rng.choice(STATUS)} '
                   f"{rng.randrange(120, 90000)}" for n in range(_some(rng, lines)))


def app_log(rng: Random, lines: str = "30") -> str:
    """`2024-03-05 10:00:00 ERROR nginx: disk full`."""
    clock = _start(rng)
    return _joined(f"{clock + timedelta(minutes=37 * n):%Y-%m-%d %H:%M:%S} {rng.choice(LEVELS)} "
                   f"{rng.choice(SERVICES)}: {rng.choice(EVENTS)}" for n in range(_some(rng, lines)))


def auth_log(rng: Random, lines: str = "30") -> str:
    """sshd's lines of accepted and failed passwords."""
    clock = _start(rng)
    return _joined(f"{clock + timedelta(seconds=73 * n):%b %d %H:%M:%S} pi sshd[{rng.randrange(400, 9000)}]: "
                   f"{rng.choice(('Failed', 'Failed', 'Accepted'))} password for {rng.choice(('root', *PEOPLE))} "
                   f"from {rng.choice(HOSTS)} port {rng.randrange(1024, 65000)} ssh2" for n in range(_some(rng, lines)))


def csv(rng: Random, lines: str = "14") -> str:
    """A table with a header: name,team,city,amount."""
    return "name,team,city,amount\n" + _joined(
        f"{rng.choice(PEOPLE)},{rng.choice(TEAMS)},{rng.choice(CITIES)},{rng.randrange(5, 400)}"
        for _ in range(_some(rng, lines)))


def numbers(rng: Random, lines: str = "14") -> str:
    """Whole numbers of one to four digits, so that the order of letters and of numbers differ."""
    return _joined(str(rng.randrange(1, 10 ** rng.randint(1, 4))) for _ in range(_some(rng, lines)))


def names(rng: Random, lines: str = "14") -> str:
    """Names, some of them several times, in no order."""
    return _joined(rng.choice(PEOPLE) for _ in range(_some(rng, lines)))


def sorted_names(rng: Random, share: str = "0.6") -> str:
    """Different names in order: some of all."""
    return _joined(sorted(rng.sample(PEOPLE, round(float(share) * len(PEOPLE)))))


def mixed_case(rng: Random, lines: str = "12") -> str:
    """Names in lower case, capitals and upper case."""
    return _joined(rng.choice((str.lower, str.upper, str.title))(rng.choice(PEOPLE)) for _ in range(_some(rng, lines)))


def packages(rng: Random) -> str:
    """Names of packages, each once, in no order."""
    return _joined(rng.sample(PACKAGES, rng.randint(7, 11)))


def prose(rng: Random, lines: str = "12") -> str:
    """Lines of words; some are empty."""
    return _joined(" ".join(rng.choices(WORDS, k=rng.choice((0, 3, 5, 6, 8)))) for _ in range(_some(rng, lines)))


def padded(rng: Random, lines: str = "10") -> str:
    """Lines with spaces at their ends."""
    return _joined(rng.choice(("", "  ", "\t")) + " ".join(rng.choices(WORDS, k=4)) + rng.choice(("", " ", "   "))
                   for _ in range(_some(rng, lines)))


def windows(rng: Random, lines: str = "8") -> str:
    """Lines that end as on Windows."""
    return prose(rng, lines).replace("\n", "\r\n")


def config(rng: Random) -> str:
    """key = value, with comments and empty lines."""
    lines = [f"{key} = {rng.choice(VALUES)}" for key in rng.sample(SETTINGS, len(SETTINGS))]
    for comment in ("# main settings", "", f"#{rng.choice(SETTINGS)} = old", "  # indented note", ""):
        lines.insert(rng.randrange(len(lines)), comment)
    return _joined(lines)


def env(rng: Random) -> str:
    """NAME=value."""
    return _joined(f"{name.upper()}={rng.choice(VALUES)}" for name in rng.sample(SETTINGS, len(SETTINGS)))


def passwd(rng: Random) -> str:
    """As /etc/passwd."""
    people = rng.sample(PEOPLE, 8)
    return "root:x:0:0:root:/root:/bin/bash\n" + _joined(
        f"{name}:x:{rng.choice((rng.randrange(1, 900), 1000 + n))}:{1000 + n}:{name.title()}:/home/{name}:"
        f"{rng.choice(SHELLS)}" for n, name in enumerate(people))


def hosts(rng: Random) -> str:
    """`name address system`, with several spaces between."""
    return _joined(f"{name}{' ' * rng.randint(1, 6)}192.168.1.{rng.randrange(2, 250)}{' ' * rng.randint(1, 4)}"
                   f"{rng.choice(('debian', 'ubuntu', 'alpine'))}" for name in rng.sample(PEOPLE, 8))


def processes(rng: Random) -> str:
    """What `ps aux` printed."""
    head = "USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND\n"
    return head + _joined(
        f"{rng.choice(('root', 'www-data', *PEOPLE[:3]))} {rng.randrange(100, 30000)} {rng.randrange(0, 900) / 10} "
        f"{rng.randrange(0, 400) / 10} {rng.randrange(9000, 900000)} {rng.randrange(900, 90000)} ? "
        f"{rng.choice(('S', 'S', 'R', 'Z'))} 10:0{rng.randrange(10)} 0:0{rng.randrange(10)} {rng.choice(COMMANDS)}"
        for _ in range(rng.randint(14, 20)))


def disks(rng: Random) -> str:
    """What `df -P` printed."""
    mounts = rng.sample(("/", "/home", "/var", "/srv", "/boot", "/mnt/usb", "/mnt/nas"), 6)
    return "Filesystem 1024-blocks Used Available Capacity Mounted\n" + _joined(
        f"/dev/sda{n} {rng.randrange(10 ** 6, 10 ** 8)} {rng.randrange(10 ** 5, 10 ** 6)} "
        f"{rng.randrange(10 ** 5, 10 ** 7)} {rng.randrange(3, 100)}% {mount}" for n, mount in enumerate(mounts, 1))


def paths(rng: Random) -> str:
    """Absolute paths."""
    return _joined(f"/{rng.choice(('srv', 'home', 'var'))}/{rng.choice(PEOPLE)}/"
                   f"{rng.choice(WORDS).lower()}.{rng.choice(('log', 'txt', 'conf', 'tar.gz'))}" for _ in range(12))


def sizes(rng: Random) -> str:
    """What `du -k` printed: size, tab, path."""
    return _joined(f"{rng.randrange(4, 90000)}\t/srv/{name}" for name in rng.sample(PEOPLE, 10))


def crontab(rng: Random) -> str:
    """A table of jobs, with comments."""
    return "# m h dom mon dow command\n" + _joined(
        f"{rng.choice(('', '', '#'))}{rng.randrange(60)} {rng.randrange(24)} * * {rng.choice(('*', '1', '0'))} "
        f"/usr/local/bin/{rng.choice(('backup', 'cleanup', 'report'))}.sh" for _ in range(rng.randint(5, 9)))


def json_list(rng: Random) -> str:
    """Containers as JSON."""
    items = ", ".join(f'{{"name": "{name}", "state": "{rng.choice(("running", "exited"))}", '
                      f'"ports": [{rng.randrange(1000, 9999)}]}}' for name in rng.sample(PEOPLE, 6))
    return f"[{items}]\n"


def script(rng: Random) -> str:
    """A small shell script."""
    return f"#!/bin/sh\necho {rng.choice(WORDS)} {rng.randrange(100)}\n"


def tagged(rng: Random, begin: str = "BEGIN", end: str = "END") -> str:
    """Lines with one block between two marks."""
    return _joined([*rng.sample(PEOPLE, 3), begin, *rng.sample(PEOPLE, rng.randint(2, 4)), end, *rng.sample(PEOPLE, 2)])


def line(rng: Random, *words: str) -> str:
    """These words, as one line."""
    return " ".join(words) + "\n"


def _start(rng: Random) -> datetime:
    return datetime(2024, rng.randint(1, 9), rng.randint(1, 27), rng.randint(5, 9), rng.randrange(60))


def _some(rng: Random, lines: str) -> int:
    """About so many."""
    return int(lines) + rng.randrange(-2, 5)


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{text}\n" for text in lines)


TEXTS: dict[str, Maker] = {maker.__name__: maker for maker in (
    web_log, app_log, auth_log, csv, numbers, names, sorted_names, mixed_case, packages, prose, padded, windows, config,
    env, passwd, hosts, processes, disks, paths, sizes, crontab, json_list, script, tagged, line)}
