"""The audio of the TTS vendor's stub, read by a real decoder: format, duration and tone."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from provider_verification.stubs.vendors.tts.audio import render_audio, speech_seconds

TEXT = "Good evening, and welcome."
RAW = {"pcm": ("RAW", "PCM_16"), "ulaw": ("RAW", "ULAW"), "alaw": ("RAW", "ALAW")}


def decode_audio(output_format: str, text: str) -> tuple[np.ndarray, int]:
    """Return the samples and the sample rate in Hz that the decoder reads."""
    codec, rate = output_format.split("_")[:2]
    audio = io.BytesIO(render_audio(text, output_format))
    if codec not in RAW:
        samples, sample_rate = soundfile.read(audio)
        return samples, sample_rate
    container, subtype = RAW[codec]
    samples, sample_rate = soundfile.read(
        audio, samplerate=int(rate), channels=1, format=container, subtype=subtype, endian="LITTLE"
    )
    return samples, sample_rate


@pytest.mark.parametrize(
    "output_format",
    ["mp3_44100_128", "mp3_22050_32", "pcm_16000", "pcm_44100", "ulaw_8000", "alaw_8000", "opus_48000_64"],
)
def test_audio_has_requested_format_and_duration(output_format: str) -> None:
    """The sample rate is that of the format; the duration fits the text to within a frame."""
    samples, rate = decode_audio(output_format, TEXT)

    assert rate == int(output_format.split("_")[1])
    assert len(samples) / rate == pytest.approx(speech_seconds(TEXT), abs=0.06)


@pytest.mark.parametrize("output_format", ["mp3_44100_64", "pcm_8000", "ulaw_8000", "opus_48000_32"])
def test_duration_is_proportional_to_text_length(output_format: str) -> None:
    """Twice the text takes twice as long."""
    short, rate = decode_audio(output_format, TEXT)
    long, _ = decode_audio(output_format, TEXT * 2)

    assert len(long) / len(short) == pytest.approx(2.0, abs=0.1)
    assert rate > 0


@pytest.mark.parametrize("output_format", ["pcm_16000", "ulaw_8000", "alaw_8000"])
def test_audio_is_a_220_hz_tone(output_format: str) -> None:
    """220 Hz is the loudest frequency in every encoding of the samples."""
    samples, rate = decode_audio(output_format, TEXT)

    spectrum = np.abs(np.fft.rfft(samples))
    loudest = int(spectrum.argmax()) * rate / len(samples)
    assert loudest == pytest.approx(220, abs=5)
