"""The prober: asks every service whether it answers, and writes one sample a time.

It runs in a thread of the collector (`senim.site.collecting`). What it writes is a file that the collector follows as
any other source, so samples are numbered, framed and durable like every line, and nothing is asked of a database:
where stream or database are away, it goes on measuring.

Threats. A service that answers slowly, endlessly or with garbage: every probe ends in time, reads the first line of an
answer and no more than 4 KiB. A forged answer: https proves who answers, http and tcp do not, and are for services on
this machine or in a network of one's own. A prober that is stopped: no sample is no health; the service turns blind and
*Now* says so.
"""
