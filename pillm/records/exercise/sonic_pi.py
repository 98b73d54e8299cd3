"""What Sonic Pi has: names that a program may call, and the sounds that it may name (its sources, version 4)."""
import re
from collections.abc import Iterator

from pillm.backends import ruby

FUNCTIONS = frozenset("""
all_sample_names at bools bt chord chord_degree chord_invert choose comment control cue current_bpm degree
density dice doubles drop drop_last get halves hz_to_midi in_thread inc kill knit line live_audio
live_loop loop look midi_cc midi_note_off midi_note_on midi_to_hz mirror note note_info note_range octs one_in play
play_chord play_pattern play_pattern_timed print puts pick quantise ramp rand rand_i range reverse ring rrand rrand_i
rest? rt sample sample_duration scale set set_volume! shuffle sleep spread stop stretch sync synth take tick
tick_reset tick_set tuplets uncomment use_arg_checks use_bpm use_bpm_mul use_cue_logging use_debug use_octave
use_random_seed use_sample_bpm use_sample_defaults use_synth use_synth_defaults use_transpose use_tuning vt wait
with_arg_checks with_bpm with_bpm_mul with_debug with_fx with_octave with_random_seed with_sample_defaults with_synth
with_synth_defaults with_transpose with_tuning with_swing define defonce times each each_with_index map length first
last cycle even? odd? zero? include? to_a lambda call zip collect upto step
""".split())  # noqa: SIM905
"""Its language, and what Ruby's numbers, lists and blocks have."""
SYNTHS = frozenset("""
beep blade bnoise chipbass chiplead chipnoise cnoise dark_ambience dpulse dsaw dtri dull_bell fm gnoise growl hollow
hoover kalimba mod_beep mod_dsaw mod_fm mod_pulse mod_saw mod_sine mod_tri noise organ_tonewheel piano pluck pnoise
pretty_bell prophet pulse rhodey rodeo saw sine square subpulse supersaw tb303 tech_saws tri winwood_lead zawa
bass_foundation bass_highend
""".split())  # noqa: SIM905
EFFECTS = frozenset("""
autotuner band_eq bitcrusher bpf compressor distortion echo eq flanger gverb hpf ixi_techno krush level lpf mono nbpf
nhpf nlpf normaliser nrbpf nrhpf nrlpf octaver pan panslicer ping_pong pitch_shift rbpf record reverb rhpf ring_mod
rlpf slicer sound_out tanh tremolo vowel whammy wobble
""".split())  # noqa: SIM905
SAMPLES = frozenset("""
bd_808 bd_ada bd_boom bd_fat bd_gas bd_haus bd_klub bd_mehackit bd_pure bd_sone bd_tek bd_zome bd_zum sn_dolf sn_dub
sn_generic sn_zome drum_bass_hard drum_bass_soft drum_cowbell drum_cymbal_closed drum_cymbal_hard drum_cymbal_open
drum_cymbal_pedal drum_cymbal_soft drum_heavy_kick drum_roll drum_snare_hard drum_snare_soft drum_splash_hard
drum_splash_soft drum_tom_hi_hard drum_tom_hi_soft drum_tom_lo_hard drum_tom_lo_soft drum_tom_mid_hard
drum_tom_mid_soft elec_beep elec_bell elec_blip elec_blip2 elec_bong elec_chime elec_cymbal elec_filt_snare elec_flip
elec_fuzz_tom elec_hi_snare elec_hollow_kick elec_lo_snare elec_mid_snare elec_ping elec_plip elec_pop elec_snare
elec_soft_kick elec_tick elec_triangle elec_twang elec_twip elec_wood loop_amen loop_amen_full loop_breakbeat
loop_compus loop_electric loop_garzul loop_industrial loop_mehackit1 loop_mehackit2 loop_mika loop_perc1 loop_perc2
loop_safari loop_tabla loop_weirdo loop_3d_printer ambi_choir ambi_dark_woosh ambi_drone ambi_glass_hum ambi_glass_rub
ambi_haunted_hum ambi_lunar_land ambi_piano ambi_sauna ambi_soft_buzz ambi_swoosh bass_dnb_f bass_drop_c bass_hard_c
bass_hit_c bass_thick_c bass_trance_c bass_voxy_c bass_voxy_hit_c bass_woodsy_c guit_e_fifths guit_e_slide guit_em9
guit_harmonics perc_bell perc_bell2 perc_door perc_impact1 perc_impact2 perc_snap perc_snap2 perc_swash perc_swoosh
perc_till misc_burp misc_cineboom misc_crow tabla_ghe1 tabla_na tabla_te1 vinyl_backspin vinyl_hiss vinyl_rewind
vinyl_scratch
""".split())  # noqa: SIM905
NAMED = (
    ("synth", SYNTHS, r"\b(?:use_synth|with_synth|synth)[ (]+:(\w+)"),
    ("effect", EFFECTS, r"\bwith_fx[ (]+:(\w+)"),
    ("sample", SAMPLES, r"\b(?:sample|sample_duration|use_sample_bpm)[ (]+:(\w+)"))
"""What is named by a symbol, and where."""
WAITS = re.compile(r"\b(sleep|wait|sync|play_pattern|play_pattern_timed)\b")
"""What lets time pass."""
NO_NOTE = re.compile(r":[a-g](?:ss|bb)-?\d?\b")
"""Double accidentals, which it does not read."""
LOOP = re.compile(r"^( *)(?:live_loop|loop)\b[^\n]*\bdo\b[^\n]*\n(.*?)^\1end", re.MULTILINE | re.DOTALL)
MADE_HERE = re.compile(r"\b(?:define|defonce) ?\(?:(\w+)|\|([\w, ]+)\||^ *(\w+) *=(?!=)", re.MULTILINE)
"""Names that a program gives itself."""


def faults(code: str) -> Iterator[str]:
    """What keeps it from running, as far as it can be read."""
    program = ruby.parsed(code)
    if program is None:
        yield "it is no Ruby"
        return
    own = {name.strip() for found in MADE_HERE.findall(program.text) for part in found for name in part.split(",")}
    yield from (f"there is no {name}" for name in sorted(program.calls - FUNCTIONS - own))
    for kind, there, pattern in NAMED:
        yield from (f"there is no {kind} :{name}" for name in re.findall(pattern, program.text) if name not in there)
    yield from (f"there is no note {name}" for name in NO_NOTE.findall(program.text))
    yield from ("a loop never sleeps" for _, inside in LOOP.findall(program.text) if not WAITS.search(inside))
