"""An encoder of random weights: it knows no meaning, but equal words give equal vectors, and others others."""
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from pillm.backends.hf.meanings import Encoder, Meanings

WORDS = ["le", "chat", "dort", "mange", "sur", "la", "table", "canapé", "il", "neige", "fort", "ce", "matin"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("encoder")
    torch.manual_seed(0)
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(["[PAD]", "[UNK]", *WORDS])}, "[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.Lowercase(), pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(found)
    sizes = {"vocab_size": 32, "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
             "intermediate_size": 32, "max_position_embeddings": 256}
    BertModel(BertConfig(**sizes)).save_pretrained(found)
    return found


def test_a_vector_has_length_one_and_does_not_depend_on_its_neighbours(folder):
    encoder = Encoder(folder)
    together = encoder(["le chat dort", "il neige fort ce matin sur la table"])
    assert torch.allclose(together.norm(dim=1), torch.ones(2))
    assert torch.allclose(together[:1], encoder(["le chat dort"]), atol=1e-6)


def test_texts_of_one_meaning_are_found_in_one_batch_and_across(folder):
    met = Meanings(Encoder(folder), 0.999)
    assert met.add(["le chat dort", "il neige fort", "Le CHAT dort"], [7, 8, 9]) == [None, None, 7]
    assert met.add(["IL neige fort", "il mange sur la table"], [10, 11]) == [8, None]
    assert met.nearest(["il MANGE sur la table", "ce matin"]) == [11, None]


def test_what_was_not_met_is_near_to_nothing(folder):
    assert Meanings(Encoder(folder), 0.5).nearest(["le chat"]) == [None]


def test_a_file_with_pickled_weights_only_is_refused(folder, tmp_path):
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(OSError, match="safetensors"):
        Encoder(tmp_path)


def test_prepare_leaves_out_what_means_an_earlier_record_or_a_question(folder, tmp_path):
    from tests.stages.test_prepare import config, made, read, run, write

    rows = [{"user": "le chat dort", "assistant": "il mange"}, {"user": "LE chat", "assistant": "dort il mange"},
            {"user": "il neige drette là", "assistant": "la table"}]
    suite = write(tmp_path / "eval.jsonl", {"id": "q", "user": "Il neige pas mal", "check": "exact", "answer": "x"})
    file = write(tmp_path / "a.jsonl", *made(8), *rows)
    model = {"model": str(folder), "threshold": 0.9999, "eval_threshold": 0.9999}
    metrics = run(config(file, eval=suite, semantic=model, near_duplicate=None, test=0, validation=0,
                         max_contaminated=1), tmp_path)
    # The model knows none of «drette là» and «pas mal»: to it they are the same.
    told = {row["line"]: row["told"] for row in read(tmp_path, "rejected")}
    assert told[10] == "it means the same as a.jsonl:9"
    assert told[11] == "it asks the question dev/q in other words"
    assert metrics["contamination"]["dev"]["near"] == metrics["left_out"]["near an eval question"]
