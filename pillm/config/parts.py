"""The typed parts of a recipe: model, domain, device, teacher."""
from typing import Annotated, Any, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from pillm.engine.stage import ByPath, StageConfig
from pillm.shape import FirstWeights, Shape


class Part(StageConfig):
    """A YAML under conf/."""


class Model(Part):
    """A base model."""

    source: Literal["hub", "folder", "scratch"]
    """From the Hub, from a local folder, or made here from nothing."""
    family: str
    """Architecture and tokenizer type: llama, qwen2, qwen3, granite3, granite4, gemma3, mistral, r1qwen, nano …"""
    repo: str | None = None
    """The Hub's name of it."""
    revision: str | None = None
    """The Hub's commit."""
    path: str | None = None
    """The local folder."""
    licence: str
    """SPDX identifier, or the licence's name."""
    parameters: PositiveInt
    """Number of weights."""
    context: PositiveInt
    """Tokens the model can attend to."""
    shape: Shape
    """Its sizes; what is built where source is scratch."""
    first_weights: FirstWeights = "random"
    """How a model from scratch begins: random; induction, with heads that copy (for Llama's class); neighbours, with
    these and embeddings that are alike where tokens stand beside the same ones."""
    tiny: Shape
    """The sizes it is shrunk to under caps."""
    template: str | None = None
    """A chat template (Jinja file) in place of the model's own."""
    quantized: Literal["nf4", "fp4"] | None = None
    """The weights are stored in 4 bits of this number format (bitsandbytes); null is 16 or 32 bits."""
    pre: str | None = None
    """llama.cpp's pre-tokenizer name, forced for a self-trained byte-level BPE."""


class WeightedFile(ByPath):
    """A file of records, and its weight."""

    path: str
    """The file (JSONL)."""
    weight: PositiveFloat = 1
    """How often each of its records trains, on average."""


class Domain(Part):
    """What is learned: records, their examination, and how a conversation is framed."""

    name: str
    """As in dataset/."""
    files: tuple[WeightedFile, ...] = ()
    """Training records (JSONL): paths, or {path, weight}."""
    eval: str | None = None
    """Questions that are never trained on (JSONL)."""
    suites: dict[str, str] = Field(default_factory=dict)
    """Further suites of such questions, by name."""
    generator: str | None = None
    """A folder of rules that the generate stage expands into records."""
    exercises: str | None = None
    """A folder of tasks that the exercise stage tries and turns into records."""
    agents: str | None = None
    """A file of agents that the deliberate stage has think about questions, one after the other."""
    languages: str | None = None
    """A folder of small languages that the derive stage makes records of."""
    system: str | None = None
    """The system prompt of records that bring none."""
    answer_schema: Annotated[str | None, Field(alias="schema")] = None
    """Name of the JSON Schema that every answer must satisfy."""
    show_schema: bool = False
    """The model reads the schema of its answer below the request; each record and question brings its own."""
    tools: tuple[str, ...] | None = None
    """The tools that answers may call, by the names of their schemas in schemas/; null allows any."""
    checks: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """What answers must pass, by a name of your choice: {check, answer} as in a question, and tags of the records."""
    strata: tuple[str, ...] | None = None
    """Tags of which each split gets its share; null is all."""
    decoding: Literal["free", "schema", "spans"] = "free"
    """How answers are constrained when the model is asked."""
    language: str = "en"
    """BCP 47 tag."""
    licence: str = "unknown"
    """Licence of the records."""
    form: Literal["chat", "plain", "template"] = "chat"
    """The model's chat template, plain text in blank-line separated parts, or format_template."""
    format_template: str | None = None
    """How a record is written out when form is template."""
    card: str | None = None
    """The dataset's card; `card=NAME` keeps it current."""


class Device(Part):
    """Where the model will run."""

    name: str
    """What people call it."""
    ram_gib: PositiveFloat
    """Memory."""
    cores: PositiveInt
    """Processor cores."""
    bandwidth_gb_per_s: PositiveFloat
    """Memory bandwidth that is reached in practice, 10⁹ bytes a second."""
    arch: str
    """Instruction set: aarch64, x86_64."""
    quant: str
    """The quantization that is shipped to it."""
    reserve_gib: NonNegativeFloat = 0.75
    """Memory left to the system."""


class Teacher(Part):
    """Who answers records that have no answer."""

    kind: Literal["gold", "hf", "openai", "anthropic"]
    """Answers are already there; a local Hugging Face model; a server that speaks OpenAI's or Anthropic's protocol."""
    model: str | None = None
    """Name of the teacher's model, or its folder."""
    base_url: str | None = None
    """The server's address, with /v1."""
    api_key_env: str | None = None
    """Environment variable that holds the key."""
    temperature: NonNegativeFloat = 0.0
    """0 is greedy."""
    top_p: PositiveFloat = 1.0
    """Nucleus sampling."""
    max_tokens: PositiveInt = 512
    """Longest answer."""
    concurrency: PositiveInt = 4
    """Requests under way at once."""
    batch_size: PositiveInt = 8
    """Prompts generated together by a local model."""


class Track(Part):
    """Where metrics are sent beside the run's own folder."""

    kind: Literal["none"]
    """Nowhere."""


PARTS: dict[str, type[Part]] = {
    "model": Model, "domain": Domain, "device": Device, "teacher": Teacher, "track": Track}
