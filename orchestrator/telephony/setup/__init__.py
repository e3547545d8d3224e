"""Set-up of a hotel's telephony at LiveKit from a file: trunks and dispatch rules."""
