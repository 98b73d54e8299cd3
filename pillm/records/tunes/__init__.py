"""Short tunes, made by rule and written in several notations: `compose` makes one, `write_*` write it, `makers` offer both."""
