"""A stand-in for ASOI, the regulator's system: receives, answers with signed receipts, misbehaves."""
