"""Short tunes: `compose` makes one by rule, `write` has it in several notations, `makers` offer both to tasks."""
