"""The version, once: read by the build and told as the scope version of every span."""

VERSION = "0.1.0"
