"""How wrong usage is told: in a line, with what was meant. Never says what a command does."""
