"""Which language a text is in, by py3langid: in this process, from a file of 5 MB."""
from collections.abc import Callable


def stranger(expected: tuple[str, ...], least_probability: float) -> Callable[[str], str]:
    """Tells the language of a text that surely is none of those expected, or nothing."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known = {code.partition("-")[0].lower() for code in expected}

    def tell(text: str) -> str:
        language, probability = identifier.classify(text)
        return language if language not in known and probability >= least_probability else ""

    return tell
