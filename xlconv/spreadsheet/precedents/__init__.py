"""Which cells a formula reads, and which read it. Never looks at values."""
