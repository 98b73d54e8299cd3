"""Wrong input is refused before anything starts: exit code 2, place and remedy told, nothing touched."""
import shlex
import sys
from pathlib import Path

import pytest

from pillm.cli import main
from pillm.config.compose import compose, normalise

CHAT = "+recipe=quebecois_tinyllama"
NANO = "+recipe=quebecois_nano"
GATHER = "+recipe=gather_man"
SMOKE = "+caps=smoke"
OWN = "+recipe=own.yaml"

ARGUMENTS: list[tuple[list[str], list[str]]] = [
    (["+recipe=quebecois_tinylama"], ["+recipe=quebecois_tinylama", "Did you mean 'quebecois_tinyllama'?"]),
    (["seed=3"], ["no recipe. Add +recipe=NAME"]),
    (["quebecois_nano"], ["quebecois_nano: not understood", "+recipe=quebecois_nano"]),
    (["+recipe=nowhere/x.yaml"], ["there is no such file"]),
    ([NANO, "+caps=smok"], ["+caps=smok: there are no such caps. Did you mean 'smoke'?"]),
    ([NANO, "plan=maybe"], ["plan=maybe: it is true or false"]),
    ([NANO, "show=chat"], ["show=chat: no such thing to show. Did you mean 'chats'?"]),
    ([NANO, "explain=sft.lora.rnak"], ["no such key. Did you mean 'rank'?"]),
    ([NANO, "explain=sft"], ["name one value. It has lora"]),
    (["stored=lst"], ["stored=lst: no such command. Did you mean 'list'?"]),
    (["ask=nothing_here"], ["no recipe, run or GGUF file is called that"]),
    (["ask=quebecois_nano"], ["it has not been run yet. Run it first: python -m pillm +recipe=quebecois_nano"]),
    (["ask=missing.gguf"], ["there is no such file"]),
    ([NANO, "--config-dir", "nowhere"], ["--config-dir nowhere: there is no such folder"]),
    ([NANO, "model=tinylama"], ["model/tinylama: there is no such part. Did you mean 'tinyllama'?"]),
    ([NANO, "device=pi4"], ["device/pi4: there is no such part. Did you mean 'rpi4'?"]),
    ([NANO, "teacher=gpt"], ["teacher/gpt: there is no such part."]),
    ([CHAT, "sft.lora.rnak=8"], ["command line: sft.lora.rnak: no such option. Did you mean 'rank'?"]),
    ([CHAT, "sft.lora.rank=eight"], ["command line: sft.lora.rank: must be a valid integer"]),
    ([CHAT, "sft.lora.rank=0"], ["command line: sft.lora.rank: must be greater than 0, not 0"]),
    ([CHAT, "sft.lora.dropout=1.5"], ["command line: sft.lora.dropout: must be less than 1"]),
    ([CHAT, "sft.training.schedule=cosin"], ["sft.training.schedule: must be 'cosine', 'linear' or 'constant'"]),
    ([CHAT, "sft.training.learning_rate=-1"], ["sft.training.learning_rate: must be greater than 0"]),
    ([CHAT, "sfft.lora.rank=8"], ["command line: sfft: no such option. Did you mean 'sft'?"]),
    ([CHAT, "lora_r=8"], ["command line: lora_r: no such option. In pillm that is sft.lora.rank."]),
    ([CHAT, "lora_alpha=8"], ["In pillm that is sft.lora.alpha."]),
    ([CHAT, "micro_batch_size=8"], ["In pillm that is sft.training.batch_size."]),
    ([CHAT, "lora_target_modules=all"], ["In pillm that is sft.lora.targets."]),
    ([CHAT, "per_device_train_batch_size=8"], ["In pillm that is sft.training.batch_size."]),
    ([CHAT, "num_epochs=3"], ["In pillm that is sft.training.epochs."]),
    ([CHAT, "sft.num_train_epochs=3"], ["sft.num_train_epochs: no such option.", "sft.training.epochs"]),
    ([CHAT, "sft.context=4096"], ["sft.context: 4096 tokens are more than the model's 2048. Set at most 2048"]),
    ([CHAT, "model.context=0"], ["model.context: must be greater than 0"]),
    ([CHAT, "device.ram_gib=1"], ["Raspberry Pi 4 has 1 GiB", "Choose a smaller device.quant"]),
    ([CHAT, "device.quant=Q4_KM"], ["device.quant: Q4_KM: no such quantization"]),
    ([CHAT, "quantize.types=[Q4_KM]"], ["quantize.types", "Q4_K_M"]),
    ([CHAT, "quantize.types=[Q8_0]"], ["the ladder has Q8_0, f16, and no Q4_K_M for", "bundle.type. Add Q4_K_M"]),
    ([NANO, "evaluate.types=[Q9]"], ["quantize.types: the ladder has Q8_0, f16, and no Q9 for evaluate.types."]),
    ([NANO, "quantize.types=[Q8_0,Q4_K_M]"], ["quantize.types: Q4_K_M cuts rows into blocks of 256"]),
    ([CHAT, "quantize.types=[Q4_K_M,Q4_K_M]"], ["named twice"]),
    ([CHAT, "quantize.tensors={blk.*:Q9}"], ["no such format Q9"]),
    ([CHAT, "sft.lora.dora=true"], ["a DoRA adapter cannot be a GGUF. Leave adapter_gguf out"]),
    ([CHAT, "sft.lora=null"], ["null trains all weights, and merge needs an adapter"]),
    ([CHAT, "sft.lora.targets=[lm_head]"], ["lm_head cannot be adapted and merged"]),
    ([CHAT, "domain.form=template"], ["template needs a format_template"]),
    ([CHAT, "domain.format_template='{qestion}'"], ["qestion"]),
    ([CHAT, "domain.files=[no/such.jsonl]"],
     ["command line: domain.files.0.path: there is no such file or folder: no/such.jsonl. Correct it, or stand in"]),
    ([CHAT, "domain.eval=no/such.jsonl"], ["there is no such file or folder: no/such.jsonl"]),
    ([CHAT, "domain.schema=tool_cals"], ["there is no schemas/tool_cals.schema.json. Did you mean 'tool_calls'?"]),
    ([CHAT, "model.source=hubb"], ["model.source: must be 'hub', 'folder' or 'scratch'"]),
    ([CHAT, "model.source=folder"], ["a local model needs its folder. Set model.path."]),
    ([CHAT, "model.source=folder", "model.path=no/such"], ["there is no such file or folder: no/such"]),
    ([CHAT, "prepare.validation=0.6", "prepare.test=0.5"], ["validation and test together leave nothing"]),
    ([CHAT, "prepare.max_rejected=5"], ["prepare.max_rejected: must be less than or equal to 1"]),
    ([CHAT, "teacher=openai", "teacher.base_url=null"], ["base_url"]),
    ([CHAT, "teacher=openai", "teacher.api_key_env=NO_SUCH_KEY"], ["NO_SUCH_KEY"]),
    ([CHAT, "gates.speed.metric=bench.x"], ["a gate needs min or max"]),
    ([CHAT, "gates.speed={metric: bench.x, mni: 3}"], ["gates.speed.mni: no such option"]),
    ([CHAT, "gates.good={metric: evaluate.Q8_0.score, min: nan}"], ["gates.good.min: must be a finite number"]),
    ([CHAT, "gates.good={metric: evalaute.score, min: 1}"], ["gates.good.metric: no step is called", "'evaluate'?"]),
    ([CHAT, "until=quantise"], ["quantise: the recipe has no such step. Did you mean 'quantize'?"]),
    ([CHAT, "only=[sft]"], ["not made yet", "until="]),
    ([CHAT, "only=sft"], ["not made yet", "until="]),
    ([CHAT, "force=stf"], ["stf: the recipe has no such step. Did you mean 'sft'?"]),
    ([CHAT, "only=[nope]"], ["nope: the recipe has no such step. It has prepare, label, fetch,"]),
    ([CHAT, "from=gguf", "until=sft"], ["command line: nothing lies between gguf and sft"]),
    ([CHAT, "from=gguf", "until=sft", "plan=true"], ["command line: nothing lies between gguf and sft"]),
    ([CHAT, "seed=one"], ["command line: seed: must be a valid integer"]),
    ([CHAT, "sft.lora.rank=${model.contxt}"], ["model.contxt"]),
    ([CHAT, "prepare.max_rejected=0.5,0.3"],
     ["command line: prepare.max_rejected: 0.5,0.3: several values need -m", """'prepare.max_rejected="0.5,0.3"'"""]),
    ([CHAT, "domain.system=a, b"], ["""Quote it: 'domain.system="a, b"'"""]),
    ([CHAT, "domain.system=What? (yes)"],
     ["command line: domain.system: What? (yes): a value with such signs", """Write 'domain.system="What? (yes)"'"""]),
    (["-m", CHAT, "domain.system=What? (yes)"], ["""Write 'domain.system="What? (yes)"'"""]),
    ([CHAT, "+model=tinyllama"], ["+model=tinyllama: a recipe has a model already. Write model=tinyllama, without"]),
    ([CHAT, "domain.license=MIT"], ["Did you mean 'licence'?"]),
    ([CHAT, "domain.zzz=1"], ["There are name, files,", "system, schema, show_schema"]),
    ([GATHER, "gather.sources=[]"], ["gather.sources: there is nothing to gather from. List one source"]),
    ([GATHER, "gather.sources=[{hub:{dataset:a/b,revision:main,columns:{user:a}}}]"],
     ["hub.revision: must be a commit, all 40 hexadecimal digits, not 'main'."]),
    (["-m", CHAT, SMOKE, "sft.lora.rank=4,8,banana"], ["sft.lora.rank: must be a valid integer"]),
    ([CHAT, "evaluate.decoding=schema"], ["decoding", "needs a JSON Schema"]),
]

RECIPES: list[tuple[str, str, list[str]]] = [
    ("not YAML", "steps: [a\nb: {", ["own.yaml:", "Mend the file's YAML"]),
    ("a list", "- prepare\n", ["own.yaml"]),
    ("empty", "", ["a recipe lists its steps"]),
    ("no steps", "sft:\n  lora: {rank: 4}\n", ["a recipe lists its steps"]),
    ("unknown stage", "steps:\n  - prepare\n  - lable\n", ["own.yaml:3: lable: no such stage. Did you mean 'label'?"]),
    ("unknown key", "steps: [prepare, label]\nprepare:\n  max_rejectd: 0.1\n",
     ["own.yaml:3: prepare.max_rejectd: no such option. Did you mean 'max_rejected'?"]),
    ("wrong type", "steps: [prepare, label]\nprepare:\n  test: lots\n",
     ["own.yaml:3: prepare.test: must be a valid number"]),
    ("twice the same step", "steps: [prepare, prepare]\n", ["there are two steps of this name"]),
    ("a step named like a part", "steps: [prepare, {model: {uses: label}}]\n", ["a step cannot be called that"]),
    ("an option of a step in the list", "steps: [{prepare: {test: 0.1}}]\n", ["test: no such option of a step"]),
    ("a missing input", "steps: [prepare, sft]\n", ["sft: no earlier step makes its base (weights). Add one"]),
    ("the wrong order", "steps: [label, prepare]\n", ["own.yaml:1: steps: label: no earlier step makes its records"]),
    ("an input that is no step", "steps: [prepare, {label: {inputs: {records: prepar}}}]\n",
     ["no step is called prepar. Did you mean 'prepare'?"]),
    ("a part that is not there", "defaults:\n  - override /model: tinylama\nsteps: [prepare]\n",
     ["own.yaml:2: model/tinylama: there is no such part. Did you mean 'tinyllama'?"]),
    ("a part at the top", "# mine\ndomain: library\nsteps: [prepare]\n",
     ["own.yaml:2: domain: library: a part is chosen in the defaults. Write there: - override /domain: library"]),
    ("a part without override", "defaults:\n  - domain: library\nsteps: [prepare]\n",
     ["own.yaml:2: domain: library: a recipe has a domain already. Write - override /domain: library"]),
    ("a part at the root without override", "defaults:\n  - /domain: library\nsteps: [prepare]\n",
     ["own.yaml:2: /domain: library: a recipe has a domain already. Write - override /domain: library"]),
    ("defaults that are no list", "defaults:\n  domain: library\nsteps: [prepare]\n",
     ["own.yaml:1: defaults: it is a list. Write a line for each part: - override /domain: NAME"]),
    ("a key of a step that is not there", "steps: [prepare]\nsft: {lora: {rank: 8}}\n",
     ["own.yaml:2: sft: it is not among the steps. Add it to them"]),
    ("several at once", "steps: [prepare, lable]\nprepare: {tset: 1}\nsed: 3\n",
     ["lable: no such stage", "prepare.tset: no such option. Did you mean 'test'?", "Did you mean 'seed'?"]),
]


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    """What is told on standard error, after checking that the code is 2 and the folder is as it was."""
    monkeypatch.chdir(tmp_path)
    for room in ("PILLM_CONF", "PILLM_RECIPES"):
        monkeypatch.setenv(room, "")

    def call(*words: str) -> str:
        before = sorted(tmp_path.rglob("*"))
        monkeypatch.setattr(sys, "argv", ["pillm", *words])
        code = main()
        told = capsys.readouterr().err
        assert (code, sorted(tmp_path.rglob("*"))) == (2, before), told
        assert "Traceback" not in told
        return told

    return call


@pytest.mark.parametrize(("words", "wanted"), ARGUMENTS, ids=[" ".join(words) for words, _ in ARGUMENTS])
def test_wrong_arguments(refused, words: list[str], wanted: list[str]) -> None:
    told = refused(*words)
    assert [part for part in wanted if part not in told] == [], told


@pytest.mark.parametrize("source", [
    "{markdown:{path:no/such}}", "{hub:{dataset:a/b,revision:main,columns:{user:a}}}", "{shel:{path:.}}",
    "{text:{path:.,longest:3}}"])
def test_a_mistake_in_a_source_is_told_alone(refused, source: str) -> None:
    """Not also that there are too few sources, which would be false."""
    told = refused(GATHER, f"gather.sources=[{source}]").splitlines()
    assert len(told) == 1
    assert "at least" not in told[0]


@pytest.mark.parametrize(("text", "wanted"), [case[1:] for case in RECIPES], ids=[case[0] for case in RECIPES])
def test_wrong_recipes(refused, tmp_path: Path, text: str, wanted: list[str]) -> None:
    (tmp_path / "own.yaml").write_text(text)
    told = refused(OWN)
    assert [part for part in wanted if part not in told] == [], told


def test_what_a_quoted_value_is_told_to_be_is_taken(refused) -> None:
    for value in ("a, b", "What? (yes)", 'say "no", {please}'):
        told = refused(CHAT, f"domain.system={value}")
        remedy = shlex.split(told[told.rindex("'domain.system="):])
        assert compose(normalise([CHAT, *remedy])).values["domain"]["system"] == value


@pytest.mark.parametrize(("word", "key"), [("model.source=folder", "model.path"), ("seed=one", "seed"),
                                           ("domain.schema=tool_cals", "domain.schema")])
def test_a_value_that_several_steps_take_is_told_once(refused, word: str, key: str) -> None:
    (told,) = refused(CHAT, word).splitlines()
    assert f": {key}: " in told


def test_a_shorter_list_of_steps_is_no_mistake_of_the_others(refused) -> None:
    told = refused(CHAT, "steps=[prepare,lable]")
    assert "lable: no such stage" in told and "default:" not in told


def test_steps_that_are_no_list_are_the_only_mistake_told(refused) -> None:
    assert refused(CHAT, "steps=prepare") == (
        "command line: a recipe lists its steps. Write steps: [prepare, label, fetch, sft, …].\n")


def test_there_are_sixty() -> None:
    assert len(ARGUMENTS) + len(RECIPES) >= 60
