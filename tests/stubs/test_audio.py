"""The TTS vendor's stub sends audio that a real decoder reads: of the asked format, and as long as the text takes."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from provider_verification.stubs.vendors.tts.audio import render_audio, speech_seconds

TEXT = "Good evening, and welcome."
RAW = {"pcm": ("RAW", "PCM_16"), "ulaw": ("RAW", "ULAW"), "alaw": ("RAW", "ALAW")}


def decoded(output_format: str, text: str) -> tuple[np.ndarray, int]:
    """Samples and sample rate, as the decoder gives them."""
    codec, rate = output_format.split("_")[:2]
    audio = io.BytesIO(render_audio(text, output_format))
    if codec not in RAW:
        samples, found = soundfile.read(audio)
        return samples, found
    container, subtype = RAW[codec]
    samples, found = soundfile.read(
        audio, samplerate=int(rate), channels=1, format=container, subtype=subtype, endian="LITTLE"
    )
    return samples, found


@pytest.mark.parametrize(
    "output_format",
    ["mp3_44100_128", "mp3_22050_32", "pcm_16000", "pcm_44100", "ulaw_8000", "alaw_8000", "opus_48000_64"],
)
def test_it_is_of_the_asked_format_and_length(output_format: str) -> None:
    """The rate is the asked one; the length is what the text takes, to a frame."""
    samples, rate = decoded(output_format, TEXT)

    assert rate == int(output_format.split("_")[1])
    assert len(samples) / rate == pytest.approx(speech_seconds(TEXT), abs=0.06)


@pytest.mark.parametrize("output_format", ["mp3_44100_64", "pcm_8000", "ulaw_8000", "opus_48000_32"])
def test_a_longer_text_takes_longer(output_format: str) -> None:
    """Twice the text, twice the time."""
    short, rate = decoded(output_format, TEXT)
    long, _ = decoded(output_format, TEXT * 2)

    assert len(long) / len(short) == pytest.approx(2.0, abs=0.1)
    assert rate > 0


@pytest.mark.parametrize("output_format", ["pcm_16000", "ulaw_8000", "alaw_8000"])
def test_a_tone_is_heard(output_format: str) -> None:
    """220 Hz is the loudest frequency, whichever way the samples are written."""
    samples, rate = decoded(output_format, TEXT)

    spectrum = np.abs(np.fft.rfft(samples))
    loudest = int(spectrum.argmax()) * rate / len(samples)
    assert loudest == pytest.approx(220, abs=5)
