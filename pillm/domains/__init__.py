"""The folder of a domain: its card, counted from its files, and the skeleton of a new one."""
