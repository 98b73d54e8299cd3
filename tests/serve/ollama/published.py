"""Chat templates in the ways that published models write them, beside those of our own models from scratch."""
from dataclasses import dataclass
from pathlib import Path

from pillm.backends.hf.forms import PLAIN, from_format
from pillm.serve.shipped import Shipped

TEMPLATES = Path(__file__).parents[3] / "pillm" / "backends" / "scratch" / "templates"
BEGIN = """\
{% if messages[0]['role'] == 'system' %}
    {% set rest = messages[1:] %}
    {% set system = messages[0]['content'] %}
{% else %}
    {% set rest = messages %}
{% endif %}
"""
TURNS = """\
{% for message in rest or messages %}
    {% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
        {{ raise_exception('roles must alternate') }}
    {% endif %}
"""

WRITTEN = {
    "llama2, stripped as one": BEGIN + TURNS + """\
    {%- set content = message['content'] -%}
    {%- if loop.first and system is defined -%}
        {%- set content = '<<SYS>>\\n' + system + '\\n<</SYS>>\\n\\n' + content -%}
    {%- endif -%}
    {%- if message['role'] == 'user' -%}
        {{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}
    {%- else -%}
        {{ ' ' + content.strip() + ' ' + eos_token }}
    {%- endif -%}
{%- endfor -%}""",
    "mistral without system": "{{ bos_token }}" + TURNS + """\
    {%- if message['role'] == 'user' -%}
        {{ '[INST] ' + message['content'] + ' [/INST]' }}
    {%- else -%}
        {{ message['content'] + eos_token }}
    {%- endif -%}
{%- endfor -%}""",
    "mistral with system in the last question": BEGIN + "{{ bos_token }}" + TURNS + """\
    {%- if message['role'] == 'assistant' -%}
        {{ ' ' + message['content'] | trim + eos_token }}
    {%- elif loop.last and system is defined -%}
        {{ '[INST] ' + system + '\\n\\n' + message['content'] + '[/INST]' }}
    {%- else -%}
        {{ '[INST] ' + message['content'] + '[/INST]' }}
    {%- endif -%}
{%- endfor -%}""",
    "llama3": """\
{{ bos_token }}
{%- for message in messages -%}
    {{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}
{%- endif -%}""",
    "marks and breaks that a Modelfile drops": """\
{%- for message in messages -%}
    {{ message['role'] + '\\u00a0:\\u2028' + message['content'] + '{{\"}}\\x07' }}
{%- endfor -%}
{{ 'assistant\\u00a0:\\u2028' if add_generation_prompt }}""",
    "plain": PLAIN,
    "a form": from_format("{system}\n### Q: {question}\n### A: {thought_stream}\n{final_answer}"),
    "a form that thinks": from_format(
        "<|im_start|>system\nBe brief.\n<|im_end|>\n<|im_start|>user\n{question}\n<|im_end|>\n<|im_start|>assistant\n"
        "<think>\n{thought_stream}\n</think>\n{final_answer}\n<|im_end|>\n"),
    "thoughts as others write them": """\
{%- for message in messages -%}
    {{ '<|im_start|>' + message['role'] + '\\n' }}
    {%- if loop.last and message['reasoning_content'] -%}
        {{ '<think>\\n' + message['reasoning_content'] + '\\n</think>\\n\\n' }}
    {%- endif -%}
    {{ message['content'] + '<|im_end|>\\n' }}
{%- endfor -%}
{{ '<|im_start|>assistant\\n' if add_generation_prompt }}""",
    "a form without system": from_format("Q: {question}\nA: {final_answer}"),
}
OWN = {path.stem: path.read_text("utf-8") for path in sorted(TEMPLATES.glob("*.jinja"))}
ALL = OWN | WRITTEN


@dataclass(frozen=True)
class Tokens:
    """The special tokens of a model."""

    bos: str
    eos: str
    adds_bos: bool


SPM = Tokens("<s>", "</s>", True)
TOKENS = {
    "gemma3": Tokens("<bos>", "<eos>", True), "qwen2": Tokens("", "<|im_end|>", False),
    "qwen3": Tokens("", "<|im_end|>", False), "granite3": Tokens("<|end_of_text|>", "<|end_of_text|>", False),
    "granite4": Tokens("<|end_of_text|>", "<|end_of_text|>", False), "nano": Tokens("<|end|>", "<|end|>", False),
    "r1qwen": Tokens("<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", True),
}
CONTROL = ("<|im_start|>", "<|im_end|>", "<start_of_turn>", "<end_of_turn>", "<|start_of_role|>", "<|end_of_role|>",
           "<｜User｜>", "<｜Assistant｜>", "<|call|>", "<|end|>", "<|eot_id|>", "<|start_header_id|>",
           "<|end_header_id|>")


def shipped(name: str) -> Shipped:
    """What a GGUF with this template would say."""
    tokens = TOKENS.get(name, SPM)
    control = [token for token in CONTROL if token in ALL[name]]
    return Shipped(ALL[name], tokens.bos, tokens.eos, tokens.adds_bos, tuple(control), (tokens.eos,))
