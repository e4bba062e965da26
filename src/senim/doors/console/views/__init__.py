"""The console's pages, a file per noun."""
