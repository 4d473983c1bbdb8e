"""The article's claims: each with its estimand, tested and judged."""
