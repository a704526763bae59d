"""Long attacks on our own promises, each with a printed seed; their figures are in docs/proof.md."""
