"""The servers that stores talk to in the tests: real ones from wheels, or loopback ones that speak the store's protocol.

Each module starts its server once for the process, when it is first asked for, and stops it when the process ends.
"""
