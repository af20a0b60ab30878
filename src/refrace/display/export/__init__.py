"""Results in the formats of other tools: Markdown, Mermaid, SARIF, JUnit."""
