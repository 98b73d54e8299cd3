"""A schema of two tools, for tests of constrained answers."""
NOTE = {"type": "object", "additionalProperties": False, "required": ["tool", "text"],
        "properties": {"tool": {"const": "note"}, "text": {"type": "string", "x-copied": True}}}
NONE = {"type": "object", "additionalProperties": False, "required": ["tool"],
        "properties": {"tool": {"const": "none"}}}
SCHEMA = {"type": "array", "minItems": 1, "maxItems": 2, "items": {"oneOf": [NOTE, NONE]}}
