"""Keys that people bring from other tools, and ours."""

OURS = {
    "lora_r": "sft.lora.rank",
    "r": "sft.lora.rank",
    "lora_rank": "sft.lora.rank",
    "lora_alpha": "sft.lora.alpha",
    "lora_dropout": "sft.lora.dropout",
    "lora_target_modules": "sft.lora.targets",
    "lora_target": "sft.lora.targets",
    "target_modules": "sft.lora.targets",
    "use_dora": "sft.lora.dora",
    "peft_use_dora": "sft.lora.dora",
    "load_in_4bit": "sft.lora.quantize",
    "micro_batch_size": "sft.training.batch_size",
    "per_device_train_batch_size": "sft.training.batch_size",
    "gradient_accumulation_steps": "sft.training.gradient_accumulation",
    "num_epochs": "sft.training.epochs",
    "num_train_epochs": "sft.training.epochs",
    "max_steps": "sft.training.max_steps",
    "lr": "sft.training.learning_rate",
    "learning_rate": "sft.training.learning_rate",
    "lr_scheduler": "sft.training.schedule",
    "lr_scheduler_type": "sft.training.schedule",
    "warmup_ratio": "sft.training.warmup",
    "warmup_steps": "sft.training.warmup",
    "optim": "sft.training.optimizer",
    "sample_packing": "sft.training.packing",
    "packing": "sft.training.packing",
    "sequence_len": "model.context",
    "max_seq_length": "model.context",
    "cutoff_len": "model.context",
    "base_model": "model.repo",
    "model_name_or_path": "model.repo",
    "datasets": "domain.files",
    "dataset": "domain.files",
    "val_set_size": "prepare.validation_share",
    "val_size": "prepare.validation_share",
    "output_dir": "runs",
    "wandb_project": "track",
    "quantization_method": "quantize.types",
}


def hint(key: str) -> str:
    """` In pillm that is sft.lora.rank.`, or nothing."""
    ours = OURS.get(key.rsplit(".", 1)[-1])
    return f" In pillm that is {ours}." if ours and ours != key else ""
