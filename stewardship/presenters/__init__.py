"""From what readers give to what a page prints: words, marks, drawings. No queries, no rules."""
