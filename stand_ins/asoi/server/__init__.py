"""The two listeners, both on 127.0.0.1: one for bureaus (mutual TLS), one for people with a browser."""
