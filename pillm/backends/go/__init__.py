"""The Go language, where it is installed: its text/template is what Ollama renders Modelfiles with."""
