"""One command at a time, run where it can reach nothing: bubblewrap, seccomp and limits around a folder.

`available` says whether that can be had here, `running` is what others call, `contain` starts and ends bubblewrap,
`view` is what a command sees, `syscalls` and `limits` what it may do, `user` whom root becomes for it, `listen` and
`watch` end it where it goes beyond a bound, `beneath` reads what it left, and `scratch` has a folder for it.
"""
from pillm.backends.sandbox.available import facts, missing
from pillm.backends.sandbox.ran import Ran
from pillm.backends.sandbox.running import run
from pillm.backends.sandbox.scratch import folder

__all__ = ["Ran", "facts", "folder", "missing", "run"]
