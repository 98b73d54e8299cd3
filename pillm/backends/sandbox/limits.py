"""How much a command may use. What `prlimit` cannot bound (all processes together, a folder) is watched."""
MIB = 2**20

OUTPUT_BYTES = MIB
"""Of stdout, and of stderr."""
SCRATCH_BYTES = 32 * MIB
"""Of /tmp and of /home outside the folder, each."""
MEMORY_BYTES = 768 * MIB
"""Resident, of all processes together; pages that they share count for each."""
FOLDER_BYTES, FOLDER_ENTRIES, FOLDER_DEPTH = 64 * MIB, 5_000, 100
"""What the folder may grow by, how many files it may have then, and how deep it may be."""
LOOK_S = 0.1
"""How often memory and folder are looked at: a command can go beyond by what it does in that time."""
COMMAND_BYTES = 64 * 1024
"""The longest command; Linux takes 128 KiB as one argument."""

EACH_PROCESS = ("--nproc=32", f"--as={384 * MIB}", f"--fsize={16 * MIB}", "--nofile=128", "--cpu=10", "--core=0",
                "--msgqueue=0", "--memlock=65536")
"""As prlimit takes them; nproc counts all processes of the user inside."""
