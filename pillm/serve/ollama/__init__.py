"""What Ollama needs: a Modelfile whose template says what the trained one says. Start at `modelfile`."""
