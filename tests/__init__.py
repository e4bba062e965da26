"""The house's tests: this folder mirrors `src/senim`; `functional/` goes through doors and real processes."""
