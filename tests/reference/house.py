"""A house that is told what to do in a made-up way, with its tools and as many requests as one wants."""
import json
import random
from typing import Any

Pair = tuple[str, list[dict[str, Any]]]

TEXT = {"type": "string", "minLength": 1, "x-copied": True}
ROOM = {"enum": ["kitchen", "hall", "cellar"]}
TIME = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}
MINUTES = {"type": "integer", "minimum": 1}


def tool(name: str, required: list[str], **slots: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": ["tool", *required],
            "properties": {"tool": {"const": name}, **slots}}


TOOLS = [tool("lamp", ["room", "state"], room=ROOM, state={"enum": ["on", "off"]}),
         tool("timer", ["minutes"], minutes=MINUTES, label=TEXT), tool("alarm", ["time"], time=TIME),
         tool("memo", ["text"], text=TEXT), tool("none", [])]
SCHEMA = {"type": "array", "minItems": 1, "maxItems": 2, "items": {"oneOf": TOOLS}}

ROOMS = {"kitchen": ["kitchen", "galley"], "hall": ["hall", "corridor"], "cellar": ["cellar", "down below"]}
STATES = {"on": ["light up", "switch on"], "off": ["darken", "switch off"]}
NUMBERS = {5: "five", 7: "seven", 8: "eight", 10: "ten", 20: "twenty", 40: "forty"}
THINGS = ["milk", "the red keys", "two loaves", "aunt Mary", "blue paint", "a parcel", "oat cakes", "Tom's bicycle"]
CHAT = ["how are you", "tell me a joke", "you are kind", "what is love", "good night", "sing me something"]
OPENERS = ["", "", "hey ", "well, ", "please "]


def said(draw: random.Random, number: int) -> str:
    return NUMBERS[number] if draw.random() < 0.4 else str(number)


def one(draw: random.Random) -> Pair:
    """A request and its call."""
    name = draw.choice(["lamp", "timer", "alarm", "memo", "none"])
    number, thing = draw.choice(list(NUMBERS)), draw.choice(THINGS)
    if name == "lamp":
        room, state = draw.choice(list(ROOMS)), draw.choice(list(STATES))
        return (f"{draw.choice(STATES[state])} the {draw.choice(ROOMS[room])}",
                [{"tool": "lamp", "room": room, "state": state}])
    if name == "timer":
        hours = draw.random() < 0.3
        unit, minutes = ("hours", 60 * number) if hours else ("minutes", number)
        label = draw.random() < 0.5
        told = f"count {said(draw, number)} {unit}" + (f" for {thing}" if label else "")
        return told, [{"tool": "timer", "minutes": minutes} | ({"label": thing} if label else {})]
    if name == "alarm":
        hour, quarter = draw.choice([5, 7, 8, 10, 20]), draw.random() < 0.5
        told = f"wake me at {said(draw, hour)} o'clock" + (f" and {said(draw, 40)}" if quarter else "")
        return told, [{"tool": "alarm", "time": f"{hour:02}:{40 if quarter else 0:02}"}]
    if name == "memo":
        return draw.choice([f"write down {thing}", f"{thing}, put that on my list"]), [{"tool": "memo", "text": thing}]
    return draw.choice(CHAT), [{"tool": "none"}]


def pairs(count: int, seed: int = 0) -> list[Pair]:
    """One in eight asks for two things."""
    draw = random.Random(seed)
    found = []
    for _ in range(count):
        request, calls = one(draw)
        other, more = one(draw)
        if draw.random() < 0.125 and {calls[0]["tool"], more[0]["tool"]} in ({"lamp", "alarm"}, {"memo", "alarm"}):
            request, calls = f"{request} and then {other}", calls + more
        found.append((draw.choice(OPENERS) + request, calls))
    return found


def records(count: int, seed: int = 0) -> str:
    """As prepare writes them."""
    return "".join(json.dumps({"user": request, "assistant": json.dumps(calls, separators=(",", ":"))}) + "\n"
                   for request, calls in pairs(count, seed))


def questions(count: int, seed: int) -> str:
    """A suite."""
    return "".join(json.dumps({"id": f"house-{i}", "user": request, "check": "slots", "answer": calls}) + "\n"
                   for i, (request, calls) in enumerate(pairs(count, seed)))
