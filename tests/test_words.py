"""Numbers as people read them."""
import pytest

from pillm.words import counted, duration, figures, gib, listed, size


@pytest.mark.parametrize(("seconds", "told"), [
    (0.04, "0.0 s"), (9.94, "9.9 s"), (12, "12 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")])
def test_duration(seconds: float, told: str) -> None:
    assert duration(seconds) == told


@pytest.mark.parametrize(("octets", "told"), [
    (12, "12 B"), (3400, "3.4 kB"), (1_493_760, "1.5 MB"), (2.1e9, "2.1 GB"), (3e12, "3000.0 GB")])
def test_size(octets: float, told: str) -> None:
    assert size(octets) == told


def test_nothing_needs_no_figure() -> None:
    assert (gib(0), gib(0.0321), gib(12.3)) == ("", "0.032 GiB", "12 GiB")
    assert gib(5.8e-06) == "6.2 kB"


def test_one_is_singular() -> None:
    assert (counted(0, "step"), counted(1, "step"), counted(1200, "step")) == ("0 steps", "1 step", "1,200 steps")


def test_figures_beside_a_bar() -> None:
    assert figures({"loss": 1.23456, "tokens_per_s": 5123.4}) == "loss 1.235  tokens_per_s 5,123"


@pytest.mark.parametrize(("reasons", "told"), [
    ([], ""), (["a", "b", "c"], "a; b; c"), (["a", "b", "c", "d", "e"], "a; b; c; and 2 more")])
def test_a_long_list_is_cut(reasons: list[str], told: str) -> None:
    assert listed(reasons) == told
