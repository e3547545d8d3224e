"""The telephony of the call flow, on LiveKit."""
