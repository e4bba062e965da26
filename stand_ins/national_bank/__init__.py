"""A stand-in for the National Bank's informatisation object that is integrated with ASOI; for demonstrations only.

It takes a bureau's sealed messages over mutual TLS as ASOI does, passes each on to ASOI over a mutual TLS connection of
its own, and brings back what ASOI answered, unchanged.

What it passes on is sealed for the regulator: it holds no key that opens it. It sees who is connected, how long a
message is and which identifier its carrier names, and not what kind of message it is. That the yearly information does
not go this way is therefore nothing that it could watch over; the bureau does.
"""
