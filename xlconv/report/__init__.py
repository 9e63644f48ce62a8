"""Reports as text for people, and as JSON, JUnit, GitHub annotations and SARIF for machines."""
