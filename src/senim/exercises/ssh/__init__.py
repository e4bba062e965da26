"""Passwords are tried against an SSH server until one works.

With root, OpenSSH's server and Linux mount namespaces a real `sshd` is attacked on loopback with the real `ssh`;
else its log is written in the recorded format, and the result says so.
"""
