"""llama.cpp: the one room that knows it. `lib` finds and checks the library; each other file does one thing with it."""
