"""Facts of textbooks, answered by letters and semitones and by music21: all three agree."""
import pytest

from pillm.backends.music import abc
from pillm.records.theory.answers import ANSWERS

FACTS = [
    ("scale Eb major", "Eb F G Ab Bb C D"), ("scale F# harmonic", "F# G# A B C# D E#"), ("scale C melodic", "C D Eb F G A B"),
    ("downward A melodic", "A G F E D C B A"), ("scale D dorian", "D E F G A B C"), ("scale B locrian", "B C D E F G A"),
    ("scale G minor-pentatonic", "G Bb C D F"), ("scale A blues", "A C D Eb E G"), ("degree Ab major 7", "G"),
    ("member F# G major", "yes"), ("member F G major", "no"), ("place C# D major", "seventh"),
    ("accidentals A major", "F#, C#, G#"), ("accidentals F minor", "Bb, Eb, Ab, Db"), ("accidentals C major", "none"),
    ("signature E major", "4 sharps"), ("signature D minor", "1 flat"), ("signature A minor", "no sharps or flats"),
    ("signed 3 flats", "Eb"), ("signed 7 sharps", "C#"), ("relative E major", "C# minor"), ("relative C minor", "Eb major"),
    ("neighbours C major", "G major, F major, A minor, E minor, D minor"), ("shared C major G major", "C D E G A B"),
    ("parent F lydian", "C"), ("child Bb dorian", "C"),
    ("interval C A", "major sixth"), ("interval F B", "augmented fourth"), ("interval B3 F4", "diminished fifth"),
    ("interval E4 C6", "minor thirteenth"), ("above F# m3", "A"), ("below C4 P5", "F3"), ("semitones P12", "19"),
    ("inverted M7", "minor second"), ("simple m10", "minor third"), ("compound M2", "major ninth"), ("named A4", "augmented fourth"),
    ("midi C4", "60"), ("midi Bb3", "58"), ("hertz A4", "440.00"), ("hertz C4", "261.63"), ("enharmonic Gb", "F#"),
    ("fret E2 5", "A2"), ("fret G3 4", "B3"), ("line treble 3", "B4"), ("line tenor 4", "C4"), ("space bass 1", "A2"),
    ("chord C# diminished", "C# E G"), ("chord Bb 7", "Bb D F Ab"), ("chord F# m7b5", "F# A C E"), ("chord D sus4", "D G A"),
    ("chord G 9", "G B D F A"), ("turned F major 1", "A C F"), ("identified G C E", "C, second inversion"),
    ("identified C# E G Bb", "C#dim7, root position"), ("quality A C# E#", "augmented"), ("role B G major", "third"),
    ("common C major A minor", "C E"), ("triads D major", "D Em F#m G A Bm C#dim"), ("triads A minor", "Am Bdim C Dm E F G#dim"),
    ("sevenths C major", "Cmaj7 Dm7 Em7 Fmaj7 G7 Am7 Bm7b5"), ("homes A minor", "G major (ii), F major (iii), C major (vi)"),
    ("spelled D major V65", "C# E G A"), ("symbolised D major V65", "A7/C#"), ("spelled C minor bII6", "F Ab Db"),
    ("symbolised F major V7/ii", "D7"), ("spelled G minor vii°7", "F# A C Eb"), ("inversion C major V42", "third inversion"),
    ("progression E minor i iv V i", "Em Am B Em"), ("numeral Bb major Eb major", "IV"),
    ("cadence G major V7 I", "authentic cadence"), ("cadence G major IV I", "plagal cadence"),
    ("cadence G major V vi", "deceptive cadence"), ("cadence A minor iv6 V", "Phrygian half cadence"),
    ("cadence G major V6 I", "imperfect authentic cadence"), ("cadence G major ii V", "half cadence"),
    ("resolved C major B", "C"), ("resolved C major F", "E"), ("up m3 C D E", "Eb F G"), ("down M2 C F", "Bb Eb"),
    ("rekeyed C major D major E G C", "F# A D"), ("degrees F major A C F", "3 5 1"), ("sung G major 5 6 7 1", "D E F# G"),
    ("mirrored C4 D4 Eb4 G4", "C4 Bb3 A3 F3"), ("span E4 C5 G3", "G3 to C5"), ("row_inverted 3 7 0", "3 11 6"),
    ("row_transposed 5 3 7 0", "8 0 5"), ("prime_form 0 4 7", "0 3 7"), ("prime_form 2 5 8 11", "0 3 6 9"),
    ("vector 0 4 7", "0 0 1 1 1 0"), ("parallels C3 D3 G4 A4", "parallel fifths"), ("parallels C3 D3 C4 D4", "parallel octaves"),
    ("parallels C3 D3 E4 F4", "no parallel fifths or octaves"), ("motion C3 B2 E4 F4", "contrary motion"),
    ("motion C3 C3 E4 F4", "oblique motion"), ("motion C3 E3 G4 A4", "similar motion"), ("crossing C4 E4 G4 D4", "yes"),
    ("strings viola", "C3 G3 D4 A4"), ("lowest 'double bass'", "E1"), ("reaches violin F#3", "no"),
    ("sounding 'clarinet in Bb' D4", "C4"), ("written 'alto saxophone' C", "A"), ("written 'horn in F' Bb", "F"),
    ("quarters 'dotted half'", "3"), ("fits sixteenth 'dotted eighth'", "3"), ("bar_of eighth 12/8", "12"),
    ("kind 6/8", "compound duple"), ("kind 3/4", "simple triple"), ("left 4/4 half quarter eighth", "eighth"),
    ("total half 'dotted quarter'", "3.5"), ("delay 'dotted eighth' 120", "375"), ("seconds 16 4/4 120", "32"),
    ("ticks 'triplet eighth' 480", "160"), ("samples quarter 120 48000", "24000"), ("per_minute eighth 'dotted quarter' 60", "180"),
]
needs_music21 = pytest.mark.skipif(abc.missing() is not None, reason=str(abc.missing()))


def asked(question: str) -> tuple[str, list[str]]:
    import shlex

    name, *words = shlex.split(question)
    return name, words


@pytest.mark.parametrize(("question", "answer"), FACTS)
def test_letters_and_semitones(question: str, answer: str) -> None:
    name, words = asked(question)
    assert ANSWERS[name](*words) == answer


@needs_music21
@pytest.mark.parametrize(("question", "answer"), FACTS)
def test_music21(question: str, answer: str) -> None:
    from pillm.backends.music.theory import answers

    name, words = asked(question)
    assert answers.ANSWERS[name](*words) == answer


@needs_music21
def test_both_answer_the_same_questions_and_each_is_tried() -> None:
    from pillm.backends.music.theory import answers

    assert ANSWERS.keys() == answers.ANSWERS.keys()
    tried = {asked(question)[0] for question, _ in FACTS}
    assert ANSWERS.keys() - tried == {"symbol", "bass"}  # parts of symbolised and turned


@pytest.mark.parametrize("question", ["interval C# Dbb", "numeral C major F# major", "identified C D E", "scale H major",
                                      "spelled C major IX", "above C x9"])
def test_what_has_no_plain_answer_is_a_value_error(question: str) -> None:
    name, words = asked(question)
    with pytest.raises(ValueError):
        ANSWERS[name](*words)
