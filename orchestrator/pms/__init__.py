"""The property management system (PMS) of a hotel: a protocol, a cache, and an adapter per vendor."""
