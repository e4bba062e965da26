"""The stand-ins, tried from outside by a bureau made of the `openssl` program."""
