"""The page: every section that there is something for."""
import json
from pathlib import Path

from markupsafe import Markup

from pillm.report import account, marks, quantization, training
from pillm.report.card import card
from pillm.report.examination import examination
from pillm.report.gathered import gathered
from pillm.report.left_out import left_out
from pillm.report.material import Material
from pillm.report.page import environment
from pillm.report.parity import parity
from pillm.report.rivals import rivals
from pillm.report.suites import suites
from pillm.report.tags import tags
from pillm.report.verdict import tiles, verdict

CSS = Path(__file__).with_name("report.css")


def html(material: Material) -> str:
    """One file that needs nothing else."""
    return environment().get_template("report.html.jinja").render(
        css=Markup(CSS.read_text("utf-8")), run=material.run, recipe=material.recipe, verdict=verdict(material),
        tiles=tiles(material), trained=training.trained(material), curves=list(training.curves(material)),
        gathered=gathered(material), left_out=left_out(material),
        chats=material.chats, scores=marks.scores(material), examples=marks.examples(material),
        tags=tags(material), suites=suites(material), examination=examination(material),
        ladder=quantization.ladder(material), parity=parity(material),
        modelfile=material.modelfile, calibration=material.calibration, rivals=rivals(material),
        resources=account.resources(material), reproduce=account.reproduce(material), card=card(material),
        settings=json.dumps(material.recipe, ensure_ascii=False, indent=2, default=str))
