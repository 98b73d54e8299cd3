"""Commands that are not run are held to what manuals document."""
import pytest

from pillm.records.exercise.options import simple, undocumented

PAGES = {
    "systemctl": "restart UNIT\nenable UNIT\n --now  -q, --quiet  --type=",
    "ip": "-br, -brief addr link", "ip-addr": "show add dev",
    "ss": "-t, --tcp -l -n -p", "head": "-n, --lines=", "apt": "install", "apt-get": "--reinstall",
}


def page(name: str) -> str:
    return PAGES.get(name, "")


def test_pipelines_and_lists_are_taken_apart() -> None:
    assert list(simple("sudo ss -tlnp 'sport = :80' | head -n 3 && echo 'a | b' > out; true")) == [
        ["sudo", "ss", "-tlnp", "sport = :80"], ["head", "-n", "3"], ["echo", "a | b"], ["true"]]
    with pytest.raises(ValueError, match="quotation"):
        list(simple("echo 'open"))


@pytest.mark.parametrize("command", [
    "sudo systemctl enable --now nginx", "systemctl -q restart x", "ip -br addr", "sudo ss -tlnp", "head -n3 x",
    "LC_ALL=C head -5 x", "sudo apt install --reinstall vim", "nohup ./own.sh --anything &", "sudo -u bob ss -t"])
def test_documented_commands_pass(command: str) -> None:
    assert undocumented(command, page) == []


@pytest.mark.parametrize(("command", "told"), [
    ("systemctl restart --hard x", "systemctl: no option --hard"),
    ("systemctl resurrect x", "systemctl: no word 'resurrect'"),
    ("ss -tz", "ss: no option -tz"),
    ("frobnicate -a", "frobnicate: there is no manual page"),
    ("head -n 3 x | ss --udp", "ss: no option --udp"),
])
def test_what_no_manual_has_is_told(command: str, told: str) -> None:
    assert undocumented(command, page) == [told]
