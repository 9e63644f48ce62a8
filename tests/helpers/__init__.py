"""What tests share: no test imports from a test."""
