import re
from xml.etree import ElementTree

import pytest

from pillm.backends import plots

HALF = {"value": 0.5, "low": 0.4, "high": 0.6}
DRAWN = {
    "curves": lambda: plots.curves({"training": [(i, 3 / (i + 1)) for i in range(80)], "validation": [(79, 0.1)]},
                                   "Loss & <steps>", x_label="step", y_label="loss"),
    "intervals": lambda: plots.intervals([("base", HALF, 1), ("Q8_0", HALF, 0)], "Scores", x_label="score"),
    "trade": lambda: plots.trade([("f16", 6, HALF), ("Q4_K_M", 2, HALF)], "Size", x_label="MB", y_label="score"),
    "comparison": lambda: plots.comparison(["4", "8", "16"], {"loss": [1, 0.5, None], "score": [0.1, 0.2, 0.3]}),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_is_the_same_every_time_and_fits_into_a_page(name):
    svg = DRAWN[name]()
    assert svg == DRAWN[name]()
    root = ElementTree.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("width") is root.get("height") is None
    assert not re.search(r"#0[1-4]0[1-4]0[1-4]|<style|DejaVu|\d{4}-\d\d-\d\d", svg)
    assert "var(--plot-first" in svg


def test_words_stay_words_and_are_escaped():
    svg = DRAWN["curves"]()
    assert "validation</text>" in svg
    assert 'aria-label="Loss &amp; &lt;steps&gt;"' in svg


def test_a_name_with_dollars_is_no_formula():
    assert r">$\foo$</text>" in plots.intervals([(r"$\foo$", HALF, 0)], "Scores", x_label="score")


def test_the_axis_of_a_share_begins_at_0():
    svg = plots.curves({"validation": [(0, 0), (10, 0)]}, "Exact answers", x_label="step", y_label="share", share=True)
    ticks = re.findall(r">([−\d.]+)</text>", svg)
    assert "0.00" in ticks and not any(tick.startswith("−") for tick in ticks)


def test_two_pictures_in_one_page_share_no_id():
    seen = [set(re.findall(r'id="([^"]+)"', draw())) for draw in DRAWN.values()]
    assert all(not a & b for i, a in enumerate(seen) for b in seen[:i])


@pytest.mark.parametrize("name", DRAWN)
def test_ids_are_of_what_is_drawn(name):
    """matplotlib's are of coordinates to the last bit, which another processor finds otherwise."""
    svg = DRAWN[name]()
    ids = re.findall(r'id="([^"]+)"', svg)
    assert ids == [f"{ids[0][:-1]}{number}" for number in range(len(ids))]
    assert set(re.findall(r'(?:href="|url\()#([^")]+)', svg)) == set(ids)


def test_a_running_mean_keeps_ends_and_level():
    assert plots.running_mean([1, 1, 4, 1, 1], 1) == [1, 2, 2, 2, 1]
    assert plots.running_mean([2, 4], 5) == [3, 3]
