"""Whether the stubs keep the pacts, and whether stubs and schemas are true to the vendors."""
