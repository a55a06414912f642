"""Writes WAV files with libsndfile, which tests/audio.rs reads.

    pip install soundfile==0.14.0 numpy==2.2.6
    python record_wav.py
"""

import pathlib

import numpy
import soundfile

FOLDER = pathlib.Path(__file__).parent
# Multiples of 2^-7, so that every kind of sample holds them exactly, except A-law.
SAMPLES = numpy.array([0, 16, -16, 64, -128, 127, 1]) / 128


def write(name, subtype, title=None, **options):
    path = FOLDER / name
    path.unlink(missing_ok=True)
    with soundfile.SoundFile(path, "w", 16_000, 1, subtype=subtype, **options) as file:
        file.write(SAMPLES)
        if title:
            # Text that is set after the audio goes to a chunk behind it.
            file.title = title


# Seven bytes of audio and a pad byte, then LIST; or nothing behind the pad byte.
write("pcm8_list.wav", "PCM_U8", title="a title")
write("pcm8.wav", "PCM_U8")
write("pcm16.wav", "PCM_16")
write("pcm24.wav", "PCM_24")
write("pcm32_extensible.wav", "PCM_32", format="WAVEX")
write("float.wav", "FLOAT")
write("double.wav", "DOUBLE")
write("alaw.wav", "ALAW")
write("ima_adpcm.wav", "IMA_ADPCM")
